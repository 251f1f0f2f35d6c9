using Estream.Core;
using Estream.Host.Http;

namespace Estream.Host.Runtime;

/// <summary>
/// The queues and maps that are not opened because a file of theirs is damaged, and everything that needs them. The rest of the host runs;
/// their files stay as they are. Not thread-safe while the host starts; then it does not change.
/// </summary>
internal sealed partial class Quarantine(ILogger logger)
{
    private readonly List<QuarantinedPart> _parts = [];

    /// <summary>The parts, in the order in which they were found.</summary>
    public IReadOnlyList<QuarantinedPart> Parts => _parts;

    /// <summary>Opens a part of the host, or leaves it out if a file is damaged.</summary>
    /// <param name="kind">What it is: <c>queue</c>, <c>map</c>, <c>witness</c>, <c>pipeline</c>, <c>circuit</c> or <c>adapter</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="open">Opens it, and closes what it has opened if it fails.</param>
    /// <returns>Whether it is open.</returns>
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

    // Not that a setting is wrong, the disk full, the file of a newer release, or another process at work: then the host does not start.
    private static bool IsDamage(EstreamException error) =>
        error is EstreamCorruptionException or EstreamStorageException { Reason: StorageFailure.Device };

    [LoggerMessage(EventId = 71, Level = LogLevel.Critical,
        Message = "The {Kind} {Name} is in quarantine, and the host runs without it until it is started again: {Reason}")]
    private static partial void LogQuarantined(ILogger logger, string kind, string name, string reason);
}
