using Estream.Core;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Cli.Data;

/// <summary>Records changes that the command line makes in a data folder in the host's audit queue, whether or not the host is
/// running.</summary>
internal static class CliAudit
{
    /// <summary>Appends an action. A failure is reported on standard error and otherwise ignored. Without a data folder there is no host
    /// whose queue could have the record, so nothing is created.</summary>
    public static void Record(CliContext context, string action, string target, string detail)
    {
        if (!Directory.Exists(context.DataFolder))
        {
            return;
        }

        try
        {
            using EstreamQueue queue =
                EstreamQueue.Open(AuditLog.DirectoryIn(context.DataFolder), AuditLog.Options with { Clock = context.Clock });
            using AuditLog log = new(queue, context.Clock);
            log.Append(new AuditRecord(Environment.UserName, action, AuditOutcome.Done)
            {
                Origin = "command line", Target = target, Detail = detail,
            });
        }
        catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
        {
            context.Error.WriteLine($"estream: The command succeeded, but could not be recorded in {AuditLog.QueueName}: "
                + $"{failure.Message}");
        }
    }
}
