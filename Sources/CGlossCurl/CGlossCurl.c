#include "CGlossCurl.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

// The name that a libcurl 7 or 8 with OpenSSL has had since 2006: the ABI, not the release.
static const char library_name[] = "libcurl.so.4";

struct table {
  CURLcode (*global_init)(long);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *);
  const char *(*easy_strerror)(CURLcode);
  CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
  CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
  struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
  void (*slist_free_all)(struct curl_slist *);
  CURLM *(*multi_init)(void);
  CURLMcode (*multi_cleanup)(CURLM *);
  CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
  CURLMcode (*multi_add_handle)(CURLM *, CURL *);
  CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
  CURLMcode (*multi_perform)(CURLM *, int *);
  CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd[], unsigned int, int, int *);
  CURLMcode (*multi_wakeup)(CURLM *);
  const char *(*multi_strerror)(CURLMcode);
  CURLMsg *(*multi_info_read)(CURLM *, int *);
};

static struct table curl;
static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_problem[512];

// Fills `into` from the library of this name, or writes what is missing. On failure the library is
// closed again; on success it stays loaded, for curl and OpenSSL leave threads and exit handlers.
static bool resolve(const char *name, struct table *into, char *problem, size_t size) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    const char *reason = dlerror();
    snprintf(problem, size, "%s", reason != NULL ? reason : "the library cannot be loaded");
    return false;
  }
  const struct {
    const char *name;
    void **target;
  } symbols[] = {
    {"curl_global_init", (void **)&into->global_init},
    {"curl_easy_init", (void **)&into->easy_init},
    {"curl_easy_cleanup", (void **)&into->easy_cleanup},
    {"curl_easy_strerror", (void **)&into->easy_strerror},
    {"curl_easy_setopt", (void **)&into->easy_setopt},
    {"curl_easy_getinfo", (void **)&into->easy_getinfo},
    {"curl_slist_append", (void **)&into->slist_append},
    {"curl_slist_free_all", (void **)&into->slist_free_all},
    {"curl_multi_init", (void **)&into->multi_init},
    {"curl_multi_cleanup", (void **)&into->multi_cleanup},
    {"curl_multi_setopt", (void **)&into->multi_setopt},
    {"curl_multi_add_handle", (void **)&into->multi_add_handle},
    {"curl_multi_remove_handle", (void **)&into->multi_remove_handle},
    {"curl_multi_perform", (void **)&into->multi_perform},
    {"curl_multi_poll", (void **)&into->multi_poll},
    {"curl_multi_wakeup", (void **)&into->multi_wakeup},
    {"curl_multi_strerror", (void **)&into->multi_strerror},
    {"curl_multi_info_read", (void **)&into->multi_info_read},
  };
  for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index += 1) {
    *symbols[index].target = dlsym(library, symbols[index].name);
    if (*symbols[index].target == NULL) {
      snprintf(problem, size, "%s has no %s", name, symbols[index].name);
      dlclose(library);
      return false;
    }
  }
  return true;
}

static void load(void) {
  if (!resolve(library_name, &curl, load_problem, sizeof load_problem)) return;
  CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) {
    snprintf(load_problem, sizeof load_problem, "%s does not start: %s", library_name,
             curl.easy_strerror(code));
  }
}

const char *gloss_curl_load(void) {
  pthread_once(&load_once, load);
  return load_problem[0] != '\0' ? load_problem : NULL;
}

bool gloss_curl_probe(const char *library, char *problem, size_t problem_size) {
  struct table unused;
  return resolve(library, &unused, problem, problem_size);
}

CURL *gloss_curl_easy_init(void) { return curl.easy_init(); }

void gloss_curl_easy_cleanup(CURL *easy) { curl.easy_cleanup(easy); }

const char *gloss_curl_easy_strerror(CURLcode code) { return curl.easy_strerror(code); }

CURLcode gloss_curl_set_long(CURL *easy, CURLoption option, long value) {
  return curl.easy_setopt(easy, option, value);
}

CURLcode gloss_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
  return curl.easy_setopt(easy, option, value);
}

CURLcode gloss_curl_set_string(CURL *easy, CURLoption option, const char *value) {
  return curl.easy_setopt(easy, option, value);
}

CURLcode gloss_curl_set_pointer(CURL *easy, CURLoption option, void *value) {
  return curl.easy_setopt(easy, option, value);
}

CURLcode gloss_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
  return curl.easy_setopt(easy, option, value);
}

CURLcode gloss_curl_set_receiver(CURL *easy, CURLoption option, gloss_curl_receiver value) {
  return curl.easy_setopt(easy, option, value);
}

/// Lets the system hold back little that the network has not taken, which would count as sent.
static int hold_little(void *context, curl_socket_t socket, curlsocktype purpose) {
  (void)context, (void)purpose;
  int size = 1 << 16;
  // Where that cannot be had, the meter is ahead.
  (void)setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &size, sizeof size);
  return CURL_SOCKOPT_OK;
}

CURLcode gloss_curl_set_meter(CURL *easy, gloss_curl_meter value) {
  CURLcode code = curl.easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, value);
  if (code == CURLE_OK) code = curl.easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, hold_little);
  return code == CURLE_OK ? curl.easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) : code;
}

CURLcode gloss_curl_get_long(CURL *easy, CURLINFO info, long *value) {
  return curl.easy_getinfo(easy, info, value);
}

struct curl_slist *gloss_curl_slist_append(struct curl_slist *list, const char *text) {
  return curl.slist_append(list, text);
}

void gloss_curl_slist_free_all(struct curl_slist *list) { curl.slist_free_all(list); }

CURLM *gloss_curl_multi_init(void) { return curl.multi_init(); }

CURLMcode gloss_curl_multi_cleanup(CURLM *multi) { return curl.multi_cleanup(multi); }

CURLMcode gloss_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl.multi_setopt(multi, option, value);
}

CURLMcode gloss_curl_multi_add_handle(CURLM *multi, CURL *easy) {
  return curl.multi_add_handle(multi, easy);
}

CURLMcode gloss_curl_multi_remove_handle(CURLM *multi, CURL *easy) {
  return curl.multi_remove_handle(multi, easy);
}

CURLMcode gloss_curl_multi_perform(CURLM *multi) {
  int running = 0;
  return curl.multi_perform(multi, &running);
}

CURLMcode gloss_curl_multi_poll(CURLM *multi, int timeout_milliseconds) {
  return curl.multi_poll(multi, NULL, 0, timeout_milliseconds, NULL);
}

CURLMcode gloss_curl_multi_wakeup(CURLM *multi) { return curl.multi_wakeup(multi); }

const char *gloss_curl_multi_strerror(CURLMcode code) { return curl.multi_strerror(code); }

bool gloss_curl_multi_next_ended(CURLM *multi, CURL **easy, CURLcode *result) {
  int left = 0;
  for (CURLMsg *message; (message = curl.multi_info_read(multi, &left)) != NULL;) {
    if (message->msg != CURLMSG_DONE) continue;
    *easy = message->easy_handle;
    *result = message->data.result;
    return true;
  }
  return false;
}
