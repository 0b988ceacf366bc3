#ifndef GLOSS_CURL_H
#define GLOSS_CURL_H

// libcurl, loaded when it is first needed instead of being linked: with its thirty libraries it
// would delay the start of every command, also of those that never open a connection.
//
// curl's header serves for types and constants only; nothing here needs -lcurl. Every function
// but `gloss_curl_load` and `gloss_curl_probe` may be called only after `gloss_curl_load` has
// returned NULL. The typed setters stand for curl's variadic ones, which Swift cannot call.

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/// Receives bytes; returns how many it took in, and anything but `size * count` ends the transfer.
typedef size_t (*gloss_curl_receiver)(char *bytes, size_t size, size_t count, void *context);

/// Is told how far a transfer is, in bytes of the two bodies; anything but 0 ends it.
typedef int (*gloss_curl_meter)(
    void *context, curl_off_t to_receive, curl_off_t received, curl_off_t to_send, curl_off_t sent);

/// Loads libcurl once for the whole process, from any thread. Returns NULL, or why it cannot be
/// used, as text that lives as long as the process.
const char *gloss_curl_load(void);

/// Returns whether a library of this name can be loaded and has every function that is used here;
/// if not, writes why to `problem`. Changes nothing.
bool gloss_curl_probe(const char *library, char *problem, size_t problem_size);

CURL *gloss_curl_easy_init(void);
void gloss_curl_easy_cleanup(CURL *easy);
const char *gloss_curl_easy_strerror(CURLcode code);

CURLcode gloss_curl_set_long(CURL *easy, CURLoption option, long value);
CURLcode gloss_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode gloss_curl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode gloss_curl_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode gloss_curl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
CURLcode gloss_curl_set_receiver(CURL *easy, CURLoption option, gloss_curl_receiver value);
CURLcode gloss_curl_set_meter(CURL *easy, gloss_curl_meter value);
CURLcode gloss_curl_get_long(CURL *easy, CURLINFO info, long *value);

struct curl_slist *gloss_curl_slist_append(struct curl_slist *list, const char *text);
void gloss_curl_slist_free_all(struct curl_slist *list);

CURLM *gloss_curl_multi_init(void);
CURLMcode gloss_curl_multi_cleanup(CURLM *multi);
CURLMcode gloss_curl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode gloss_curl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode gloss_curl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode gloss_curl_multi_perform(CURLM *multi);
/// Waits for sockets, curl's own timers, `gloss_curl_multi_wakeup`, or so many milliseconds.
CURLMcode gloss_curl_multi_poll(CURLM *multi, int timeout_milliseconds);
/// May be called from any thread.
CURLMcode gloss_curl_multi_wakeup(CURLM *multi);
const char *gloss_curl_multi_strerror(CURLMcode code);
/// Takes one transfer that has ended off the multi's list; returns false when there is none.
bool gloss_curl_multi_next_ended(CURLM *multi, CURL **easy, CURLcode *result);

#endif
