using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>
/// That the log of a registry and its snapshot go together: the newest checkpoint, signed by the log and its witnesses, begins with what
/// the snapshot stands for, and with what was believed before. So neither shows one history to some and another to others. One call at a
/// time.
/// </summary>
/// <param name="files">The log's files.</param>
internal sealed class LogAgreement(IFileSource files)
{
    private readonly LogClient _log = new(files);
    private Checkpoint? _newest;

    /// <summary>Looks whether they do.</summary>
    /// <param name="before">The snapshot that was believed before, or null.</param>
    /// <param name="now">What is to be believed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why they do not, or null.</returns>
    public async ValueTask<RoleFault?> FindFaultAsync(SnapshotDocument? before, TrustedRoles now, CancellationToken cancellation)
    {
        try
        {
            LogPolicy policy = LogPolicy.Of(now.Root);
            CheckpointVerdict newest = await _log.ReadCheckpointAsync(policy, PointOf(policy, now.Snapshot), cancellation)
                .ConfigureAwait(false);
            if (before is not null)
            {
                await _log.ProveConsistencyAsync(PointOf(policy, before), newest.Checkpoint!, cancellation).ConfigureAwait(false);
            }

            _newest = newest.Checkpoint;
            return null;
        }
        catch (EstreamLogException wrong)
        {
            return new RoleFault(KindOf(wrong.Fault), wrong.Path ?? LogPaths.Checkpoint, wrong.Message.TrimEnd('.'));
        }
        catch (EstreamContentException refused) when (!refused.IsUnanswered)
        {
            return new RoleFault(RoleFaultKind.Size, LogPaths.Checkpoint, refused.Message.TrimEnd('.'));
        }
    }

    /// <summary>Whether a checkpoint that is signed stands for a part of this log, or the other way round.</summary>
    /// <param name="checkpoint">The checkpoint, which may be older or newer than the log was read.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it does not, or null.</returns>
    public async ValueTask<string?> FindFaultAsync(Checkpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            (Checkpoint earlier, Checkpoint later) = checkpoint.Size <= _newest!.Size ? (checkpoint, _newest) : (_newest, checkpoint);
            await _log.ProveConsistencyAsync(earlier, later, cancellation).ConfigureAwait(false);
            return null;
        }
        catch (EstreamLogException wrong)
        {
            return wrong.Message;
        }
        catch (EstreamContentException refused) when (!refused.IsUnanswered)
        {
            return refused.Message;
        }
    }

    private static Checkpoint PointOf(LogPolicy policy, SnapshotDocument snapshot) =>
        new(policy.Origin, snapshot.LogSize, Convert.FromHexString(snapshot.LogRoot));

    private static RoleFaultKind KindOf(LogFault fault) => fault switch
    {
        LogFault.Missing => RoleFaultKind.Missing,
        LogFault.Rewritten => RoleFaultKind.Rollback,
        LogFault.Checkpoint => RoleFaultKind.Signature,
        _ => RoleFaultKind.Digest,
    };
}
