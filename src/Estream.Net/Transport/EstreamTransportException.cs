using Estream.Core;

namespace Estream.Net;

/// <summary>Thrown when a transport cannot be opened, or when the kernel refuses a transport that is open.</summary>
public sealed class EstreamTransportException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, on which interface, and what to do.</param>
    /// <param name="failure">The kind of failure.</param>
    /// <param name="errorNumber">The errno of the system call, or 0.</param>
    /// <param name="innerException">The cause.</param>
    public EstreamTransportException(string message, TransportFailure failure, int errorNumber = 0, Exception? innerException = null)
        : base(message, null, failure == TransportFailure.InUse, innerException)
    {
        Failure = failure;
        ErrorNumber = errorNumber;
    }

    /// <summary>The kind of failure.</summary>
    public TransportFailure Failure { get; }

    /// <summary>The errno of the system call, or 0.</summary>
    public int ErrorNumber { get; }
}

/// <summary>Why a transport cannot be used.</summary>
public enum TransportFailure
{
    /// <summary>Another failure; see the message.</summary>
    Other,

    /// <summary>The process lacks a capability: CAP_NET_RAW and CAP_BPF with CAP_NET_ADMIN for AF_XDP.</summary>
    Permission,

    /// <summary>The kernel or the operating system does not have the feature.</summary>
    Kernel,

    /// <summary>The driver of the interface does not support the mode.</summary>
    Driver,

    /// <summary>The interface does not exist, is not named, or lacks the address or queue.</summary>
    Interface,

    /// <summary>Another program uses the port, the queue or the XDP hook of the interface. Transient.</summary>
    InUse,

    /// <summary>The limit of locked memory is too low for the frames.</summary>
    LockedMemory,

    /// <summary>The transport does not support an option: IPv6 or multicast loopback with AF_XDP.</summary>
    Option,
}

/// <summary>Why <see cref="PacketTransportKind.Auto"/> uses UDP instead of AF_XDP.</summary>
/// <param name="Failure">The kind of failure.</param>
/// <param name="Reason">What AF_XDP lacks and what to do, for logs, health and consoles.</param>
public sealed record PacketFallback(TransportFailure Failure, string Reason);
