using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>
/// Checks that a registry's log agrees with its snapshot: the newest checkpoint, signed by the log and its witnesses, is consistent with
/// the log size and root in the snapshot. It is also consistent with the log size and root in the previously trusted snapshot. A registry
/// therefore cannot show different histories to different clients. One call at a time.
/// </summary>
/// <param name="files">The log's files.</param>
internal sealed class LogAgreement(IFileSource files)
{
    private readonly LogClient _log = new(files);
    private Checkpoint? _newest;

    /// <summary>Checks that the log agrees with a snapshot.</summary>
    /// <param name="before">The previously trusted snapshot, or null.</param>
    /// <param name="now">The roles to check.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Why the log and the snapshot disagree, or null if they agree.</returns>
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

    /// <summary>Checks that a signed checkpoint belongs to this log: it is a prefix of the log, or the log is a prefix of it.</summary>
    /// <param name="checkpoint">The checkpoint; may be older or newer than the newest one read.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Why the checkpoint is inconsistent, or null if it is consistent.</returns>
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
