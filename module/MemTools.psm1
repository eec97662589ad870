if (-not $IsLinux) {
    throw 'MemTools wraps system calls of the Linux kernel and cannot be imported on this platform.'
}
