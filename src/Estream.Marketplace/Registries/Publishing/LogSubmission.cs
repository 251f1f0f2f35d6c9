using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Marketplace.Publishing;

/// <summary>Appends entries to the log of a registry, or refuses them with a reason. Not thread-safe.</summary>
/// <param name="log">The log.</param>
/// <param name="registry">The name of the registry.</param>
/// <param name="served">The folder of the registry, for messages.</param>
internal sealed class LogSubmission(ComponentLog log, string registry, string served)
{
    /// <summary>Appends an entry.</summary>
    /// <returns>The index of the entry in the log.</returns>
    /// <exception cref="EstreamRegistryException">The log refuses the entry.</exception>
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
            : throw new EstreamRegistryException(refusal, $"The registry '{registry}' refuses the entry: {reason}.", served);
    }

    /// <summary>Appends an entry unless it publishes a release: a release must be submitted and decided as a whole.</summary>
    /// <exception cref="EstreamRegistryException">The entry publishes a release, or the log refuses it.</exception>
    public long TakeUnlessRelease(ReadOnlyMemory<byte> entry) =>
        LogEntry.TryRead(entry.Span, out _, out LogEntry? said, out _) && said is PublishEntry publication
            ? throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"{publication.Name} {publication.Version} cannot be published by a log entry alone. Submit the whole release, so that "
                + "it is checked.",
                served)
            : Take(entry);
}
