"""Seccomp: an allow-list of the system calls that a computation needs. Untrusted side; see child.py.

Calls known to be dangerous fail with EPERM; unknown ones fail with ENOSYS, so that libraries fall back to older calls; a
call of another architecture (32-bit, x32) kills the process. Some calls are allowed with certain arguments only: open
files for reading, signal this process, read limits.

The tables hold each call's number on x86-64 and on aarch64, `-` where it does not exist.
"""

import ctypes
import struct

from syscalls import call, machine

ALLOWED = """
read:0:63 write:1:64 readv:19:65 writev:20:66 pread64:17:67 preadv:295:69 close:3:57 lseek:8:62 fstat:5:80
stat:4:- lstat:6:- newfstatat:262:79 statx:332:291 access:21:- faccessat:269:48 faccessat2:439:439 readlink:89:-
readlinkat:267:78 getdents64:217:61 getcwd:79:17 chdir:80:49 fchdir:81:50 mmap:9:222 mprotect:10:226
munmap:11:215 mremap:25:216 madvise:28:233 mincore:27:232 brk:12:214 membarrier:324:283 dup:32:23 dup2:33:-
dup3:292:24 poll:7:- ppoll:271:73 select:23:- pselect6:270:72 futex:202:98 set_robust_list:273:99
get_robust_list:274:100 rseq:334:293 rt_sigaction:13:134 rt_sigprocmask:14:135 rt_sigreturn:15:139
rt_sigpending:127:136 rt_sigtimedwait:128:137 rt_sigsuspend:130:133 sigaltstack:131:132 pause:34:- alarm:37:-
getitimer:36:102 setitimer:38:103 nanosleep:35:101 clock_nanosleep:230:115 clock_gettime:228:113
clock_getres:229:114 gettimeofday:96:169 time:201:- times:100:153 getpid:39:172 getppid:110:173 gettid:186:178
getuid:102:174 geteuid:107:175 getgid:104:176 getegid:108:177 getresuid:118:148 getresgid:120:150
getgroups:115:158 getpgid:121:155 getpgrp:111:- getsid:124:156 getrusage:98:165 getrlimit:97:163
getpriority:140:141 sched_yield:24:124 sched_getaffinity:204:123 sched_getscheduler:145:120
sched_getparam:143:121 sched_get_priority_max:146:125 sched_get_priority_min:147:126 sysinfo:99:179 uname:63:160
getrandom:318:278 getcpu:309:168 exit:60:93 exit_group:231:94 arch_prctl:158:- set_tid_address:218:96
restart_syscall:219:128 umask:95:166 fadvise64:221:223 capget:125:90 wait4:61:260 waitid:247:95
"""
CHECKED = """
open:2:- openat:257:56 fcntl:72:25 ioctl:16:29 prctl:157:167 prlimit64:302:261 kill:62:129 tkill:200:130
tgkill:234:131
"""
DENIED = """
fork:57:- vfork:58:- clone:56:220 execve:59:221 execveat:322:281 ptrace:101:117
process_vm_readv:310:270 process_vm_writev:311:271 kcmp:312:272 pidfd_open:434:434 pidfd_getfd:438:438
pidfd_send_signal:424:424 rt_sigqueueinfo:129:138 rt_tgsigqueueinfo:297:240 socket:41:198 socketpair:53:199
bind:49:200 connect:42:203 listen:50:201 accept:43:202 accept4:288:242 sendto:44:206 recvfrom:45:207
sendmsg:46:211 recvmsg:47:212 sendmmsg:307:269 recvmmsg:299:243 shutdown:48:210 getsockname:51:204
getpeername:52:205 setsockopt:54:208 getsockopt:55:209 pipe:22:- pipe2:293:59 eventfd:284:- eventfd2:290:19
epoll_create:213:- epoll_create1:291:20 signalfd:282:- signalfd4:289:74 timerfd_create:283:85
timer_create:222:107 inotify_init:253:- inotify_init1:294:26 fanotify_init:300:262 memfd_create:319:279
memfd_secret:447:447 userfaultfd:323:282 io_setup:206:0 io_uring_setup:425:425 io_uring_enter:426:426
io_uring_register:427:427 creat:85:- truncate:76:45 ftruncate:77:46 fallocate:285:47 pwrite64:18:68
pwritev:296:70 pwritev2:328:287 copy_file_range:326:285 sendfile:40:71 splice:275:76 tee:276:77 vmsplice:278:75
rename:82:- renameat:264:38 renameat2:316:276 link:86:- linkat:265:37 symlink:88:- symlinkat:266:36 unlink:87:-
unlinkat:263:35 mkdir:83:- mkdirat:258:34 rmdir:84:- mknod:133:- mknodat:259:33 chmod:90:- fchmod:91:52
fchmodat:268:53 fchmodat2:452:452 chown:92:- fchown:93:55 lchown:94:- fchownat:260:54 utime:132:- utimes:235:-
utimensat:280:88 futimesat:261:- setxattr:188:5 lsetxattr:189:6 fsetxattr:190:7 removexattr:197:14
lremovexattr:198:15 fremovexattr:199:16 getxattr:191:8 lgetxattr:192:9 fgetxattr:193:10 listxattr:194:11
llistxattr:195:12 flistxattr:196:13 flock:73:32 sync:162:81 syncfs:306:267 fsync:74:82 fdatasync:75:83
sync_file_range:277:84 statfs:137:43 fstatfs:138:44 name_to_handle_at:303:264 open_by_handle_at:304:265
openat2:437:437 open_tree:428:428 move_mount:429:429 fsopen:430:430 fsconfig:431:431 fsmount:432:432
fspick:433:433 mount:165:40 umount2:166:39 mount_setattr:442:442 pivot_root:155:41 chroot:161:51 unshare:272:97
setns:308:268 swapon:167:224 swapoff:168:225 reboot:169:142 sethostname:170:161 setdomainname:171:162
settimeofday:164:170 clock_settime:227:112 clock_adjtime:305:266 adjtimex:159:171 init_module:175:105
finit_module:313:273 delete_module:176:106 kexec_load:246:104 kexec_file_load:320:294 bpf:321:280
perf_event_open:298:241 keyctl:250:219 add_key:248:217 request_key:249:218 shmget:29:194 shmat:30:196
shmctl:31:195 shmdt:67:197 semget:64:190 semop:65:193 semctl:66:191 semtimedop:220:192 msgget:68:186
msgsnd:69:189 msgrcv:70:188 msgctl:71:187 mq_open:240:180 mq_unlink:241:181 mq_timedsend:242:182
mq_timedreceive:243:183 mq_notify:244:184 mq_getsetattr:245:185 setuid:105:146 setgid:106:144 setreuid:113:145
setregid:114:143 setresuid:117:147 setresgid:119:149 setgroups:116:159 setfsuid:122:151 setfsgid:123:152
capset:126:91 setpgid:109:154 setsid:112:157 setpriority:141:140 setrlimit:160:164 sched_setaffinity:203:122
sched_setscheduler:144:119 sched_setparam:142:118 sched_setattr:314:274 ioprio_set:251:30 mlock:149:228
mlock2:325:284 mlockall:151:230 munlock:150:229 munlockall:152:231 mbind:237:235 set_mempolicy:238:237
migrate_pages:256:238 move_pages:279:239 process_madvise:440:440 process_mrelease:448:448 seccomp:317:277
landlock_create_ruleset:444:444 landlock_add_rule:445:445 landlock_restrict_self:446:446 quotactl:179:60
acct:163:89 syslog:103:116 vhangup:153:58 personality:135:92 iopl:172:- ioperm:173:- modify_ldt:154:-
lookup_dcookie:212:18 pkey_alloc:330:289 pkey_mprotect:329:288
"""

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, EACCES, ENOSYS = 1, 13, 38
LOAD, JUMP, JEQ, JGE, JSET, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
X32 = 0x40000000
OWN_PID = 0x50494421  # placeholder for the process's own pid, which is known only after the fork
WRITES = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND; the rest needs one of them
# Duplicate, close-on-exec, read flags, pipe size; no owner, signal or lock. Flags cannot be set, not even through ioctl:
# all children of a fork server share those of descriptor 0, so one program could leave a message for the next.
FCNTL = (0, 1, 2, 3, 1030, 1032)
IOCTL = (0x5401, 0x5413, 0x541B, 0x5450, 0x5451)  # is it a terminal, its size; bytes waiting; close-on-exec
PRCTL = (2, 3, 15, 16, 21, 23, 39)  # read this process's state; set its name


def one(code, value, yes=0, no=0):
    return struct.pack("<HBBI", code, yes, no, value)


def number(call_argument):
    """Load the lower half of an argument; the upper half is four bytes later."""
    return one(LOAD, 16 + 8 * call_argument)


def among(argument, values):
    tests = [one(JEQ, value, 0, 1) + one(RETURN, ALLOW) for value in values]
    return number(argument) + b"".join(tests) + one(RETURN, ERRNO | EPERM)


def reading(argument):
    return number(argument) + one(JSET, WRITES, 0, 1) + one(RETURN, ERRNO | EACCES) + one(RETURN, ALLOW)


def own_limits():
    null = [one(LOAD, offset) + one(JEQ, 0, 1, 0) + one(RETURN, ERRNO | EPERM) for offset in (16 + 16, 16 + 16 + 4)]
    return b"".join(null) + among(0, (0, OWN_PID))


CHECKS = {
    "open": lambda: reading(1),
    "openat": lambda: reading(2),
    "fcntl": lambda: among(1, FCNTL),
    "ioctl": lambda: among(1, IOCTL),
    "prctl": lambda: among(0, PRCTL),
    "prlimit64": own_limits,
    "kill": lambda: among(0, (OWN_PID,)),
    "tkill": lambda: among(0, (OWN_PID,)),
    "tgkill": lambda: among(0, (OWN_PID,)),
}


def numbers(table, column):
    """Return the numbers of a table's calls on this architecture, by name."""
    rows = (entry.split(":") for entry in table.split())
    return {row[0]: int(row[1 + column]) for row in rows if row[1 + column] != "-"}


def program(without=()):
    """Return the filter for this architecture as bytes, with a placeholder for the process's own pid.

    Calls named in `without` are allowed although a table denies them; tests use it to show that each denial matters.
    """
    if machine() not in ARCHITECTURES:
        raise OSError(ENOSYS, f"no table of system calls for {machine()}", "seccomp")
    column, architecture = ARCHITECTURES[machine()]
    head = [one(LOAD, 4), one(JEQ, architecture, 1, 0), one(RETURN, KILL), one(LOAD, 0)]
    if machine() == "x86_64":
        head += [one(JGE, X32, 0, 1), one(RETURN, KILL)]
    allowed, denied, unknown = (one(RETURN, answer) for answer in (ALLOW, ERRNO | EPERM, ERRNO | ENOSYS))
    blocks = {}
    for table, block in ((ALLOWED, lambda _: allowed), (DENIED, lambda _: denied), (CHECKED, lambda n: CHECKS[n]())):
        blocks |= {value: allowed if n in without else block(n) for n, value in numbers(table, column).items()}
    ranges = [(0, blocks.get(0, unknown))]
    for value in range(1, max(blocks) + 2):
        block = blocks.get(value, unknown)
        if block != ranges[-1][1]:
            ranges.append((value, block))
    return b"".join([*head, tree(ranges)])


def tree(ranges):
    """Return a binary search for the range that contains a call's number, followed by that range's action.

    `ranges` are pairs of a first number and an action. The kernel runs the filter once per number when it is installed,
    so a linear search would cost every process half a millisecond.
    """
    if len(ranges) == 1:
        return ranges[0][1]
    middle = len(ranges) // 2
    below, above = tree(ranges[:middle]), tree(ranges[middle:])
    length = len(below) // 8
    if length < 256:
        return one(JGE, ranges[middle][0], length, 0) + below + above
    return one(JGE, ranges[middle][0], 0, 1) + one(JUMP, length) + below + above


def available():
    """Raise OSError unless this kernel lets a process filter its own system calls."""
    call("seccomp", 2, 0, ctypes.byref(ctypes.c_uint32(ERRNO)))


def install(code, pid):
    """Install the filter on this process for good. PR_SET_NO_NEW_PRIVS must be set."""
    code = code.replace(struct.pack("<I", OWN_PID), struct.pack("<I", pid))
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    call("seccomp", 1, 0, ctypes.c_char_p(head))
