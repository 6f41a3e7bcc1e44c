#include "CPOSIX.h"

#include <stddef.h>

// Defined by ProcessPool. Multiprocessing, which stands below it, can't name it otherwise.
extern void procession_register_pool(void) __attribute__((weak));

void cposix_register_linked(void) {
  if (procession_register_pool != NULL) procession_register_pool();
}
