#include "CPOSIX.h"

// Defined by the layer above, if it is part of the executable.
extern void procession_register_more(void) __attribute__((weak));

void cposix_register_more(void) {
  if (procession_register_more) procession_register_more();
}
