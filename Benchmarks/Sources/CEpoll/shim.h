// Swift's Glibc leaves epoll out.
#include <sys/epoll.h>
