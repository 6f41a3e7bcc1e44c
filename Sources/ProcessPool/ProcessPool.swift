/// placeholder
public final class ProcessPool {}
