using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>
/// The parts that the host leaves out because a file is damaged: queues, maps, and the parts that need them. All other parts run. The
/// damaged files stay unchanged. Not thread-safe while the host starts; immutable afterwards.
/// </summary>
internal sealed partial class Quarantine(ILogger logger)
{
    private readonly List<QuarantinedPart> _parts = [];

    /// <summary>The parts in quarantine, in the order in which the damage was found.</summary>
    public IReadOnlyList<QuarantinedPart> Parts => _parts;

    /// <summary>Opens a part of the host, or leaves it out if a file is damaged.</summary>
    /// <param name="kind">The kind of part: <c>queue</c>, <c>map</c>, <c>witness</c>, <c>pipeline</c>, <c>circuit</c> or
    /// <c>adapter</c>.</param>
    /// <param name="name">The name of the part.</param>
    /// <param name="open">Opens the part. If it fails, it closes everything it has opened.</param>
    /// <returns>Whether the part is open; false if it is in quarantine.</returns>
    public bool TryOpen(string kind, string name, Action open)
    {
        try
        {
            open();
            return true;
        }
        catch (EstreamException damage) when (IsDamage(damage))
        {
            _parts.Add(new QuarantinedPart(kind, name, damage.Path ?? "", damage.Message));
            LogQuarantined(logger, kind, name, damage.Message);
            return false;
        }
    }

    /// <summary>Why a part cannot be used; null if it is not in quarantine.</summary>
    public EstreamCorruptionException? ReasonOf(string kind, string name) =>
        _parts.Find(part => part.Kind == kind && part.Name == name) is { } part
            ? new EstreamCorruptionException($"The {kind} {name} is in quarantine: {part.Reason}", part.File)
            : null;

    // True only for damaged or unreadable files. The host does not start after any other error: an invalid setting, a full disk, a file of
    // a newer release, or another process that has the file open.
    private static bool IsDamage(EstreamException error) =>
        error is EstreamCorruptionException or EstreamStorageException { Reason: StorageFailure.Device };

    [LoggerMessage(EventId = 71, Level = LogLevel.Critical,
        Message = "The {Kind} {Name} is in quarantine, and the host runs without it until it is started again: {Reason}")]
    private static partial void LogQuarantined(ILogger logger, string kind, string name, string reason);
}
