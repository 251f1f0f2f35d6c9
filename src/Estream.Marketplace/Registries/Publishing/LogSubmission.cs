using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Publishing;

/// <summary>Takes entries into the log of a registry, or says why they have no place there. One thread at a time.</summary>
/// <param name="log">The log.</param>
/// <param name="registry">What the registry is called.</param>
/// <param name="served">Where it is.</param>
internal sealed class LogSubmission(ComponentLog log, string registry, string served)
{
    /// <summary>Takes an entry.</summary>
    /// <returns>Where it is in the log.</returns>
    /// <exception cref="EstreamRegistryException">It has no place in the log.</exception>
    public long Take(ReadOnlyMemory<byte> entry)
    {
        LogEntryFault fault = log.Submit(entry.Span, out long index, out string reason);
        RegistryFault refusal = fault switch
        {
            LogEntryFault.DuplicateVersion => RegistryFault.AlreadyPublished,
            LogEntryFault.UnknownVersion => RegistryFault.NotFound,
            _ => RegistryFault.Forbidden,
        };
        return fault == LogEntryFault.None
            ? index
            : throw new EstreamRegistryException(refusal, $"The registry '{registry}' does not take it: {reason}.", served);
    }

    /// <summary>Takes an entry that publishes nothing: what publishes goes the way on which it is decided about.</summary>
    /// <exception cref="EstreamRegistryException">It publishes something, or has no place in the log.</exception>
    public long TakeUnlessRelease(ReadOnlyMemory<byte> entry) =>
        LogEntry.TryRead(entry.Span, out _, out LogEntry? said, out _) && said is PublishEntry publication
            ? throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"{publication.Name} {publication.Version} is not published by its entry alone: hand in the release, which is looked at.",
                served)
            : Take(entry);
}
