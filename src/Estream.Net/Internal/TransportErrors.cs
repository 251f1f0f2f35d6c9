using Estream.Net.Internal.Kernel;

namespace Estream.Net.Internal;

/// <summary>Converts an errno to an exception with its meaning for AF_XDP and UDP.</summary>
internal static class TransportErrors
{
    /// <summary>Returns the exception for a refused system call.</summary>
    /// <param name="action">What the library tried, as an infinitive: "create an AF_XDP socket".</param>
    /// <param name="error">The errno.</param>
    public static EstreamTransportException Of(string action, int error)
    {
        (TransportFailure failure, string advice) = error switch
        {
            NativeMethods.ErrorPermission or NativeMethods.ErrorAccess => (TransportFailure.Permission,
                "AF_XDP needs the capabilities CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF (or CAP_SYS_ADMIN). Grant them, or use udp."),
            NativeMethods.ErrorNoFamily or NativeMethods.ErrorNoSystemCall => (TransportFailure.Kernel,
                "The kernel is built without it (CONFIG_XDP_SOCKETS, CONFIG_BPF_SYSCALL), or a security policy blocks it. Use udp."),
            NativeMethods.ErrorNotSupported => (TransportFailure.Driver,
                "The driver does not support it. Choose another XdpMode, or use udp."),
            NativeMethods.ErrorInvalid => (TransportFailure.Driver,
                "The kernel or the driver refuses the settings, for example the MTU or the queue. Choose other settings, or use udp."),
            NativeMethods.ErrorBusy => (TransportFailure.InUse,
                "Another program uses the queue or the XDP hook of the interface. Stop that program, choose another queue, or use udp."),
            NativeMethods.ErrorNoBuffers => (TransportFailure.LockedMemory,
                "The limit of locked memory is too low. Raise it (ulimit -l, LimitMEMLOCK), reduce FrameCount, or use udp."),
            NativeMethods.ErrorNoDevice or NativeMethods.ErrorNoDeviceOrAddress => (TransportFailure.Interface,
                "The interface does not exist or has been removed. Correct its name."),
            NativeMethods.ErrorNetDown => (TransportFailure.Interface, "The interface is down. Bring it up (ip link set dev NAME up)."),
            _ => (TransportFailure.Other, "Look the errno up in the manual of the call."),
        };
        return new EstreamTransportException($"The kernel refused to {action} (errno {error}). {advice}", failure, error);
    }
}
