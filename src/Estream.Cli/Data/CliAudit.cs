using Estream.Core;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Cli.Data;

/// <summary>Records in the audit queue of a host what the command line changes in its data folder, whether the host runs or not.</summary>
internal static class CliAudit
{
    /// <summary>Appends an act. If it cannot be recorded that is said, and nothing else comes of it.</summary>
    public static void Record(CliContext context, string action, string target, string detail)
    {
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
        catch (EstreamException failure)
        {
            context.Error.WriteLine($"estream: done, but not recorded in {AuditLog.QueueName}: {failure.Message}");
        }
    }
}
