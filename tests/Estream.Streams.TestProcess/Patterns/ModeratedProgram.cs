using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.TestProcess.Patterns;

/// <summary>Approves readings with even values and rejects all others, a few at a time and in reverse order.</summary>
public static class ModeratedProgram
{
    private const int AtOnce = 7;

    public static QueueOptions Options { get; } = new() { SegmentBytes = 1 << 20 };

    public static string ProposalsOf(string directory) => Path.Combine(directory, "proposals");

    public static string CuratedOf(string directory) => Path.Combine(directory, "curated");

    public static bool IsGood(double value) => (long)value % 2 == 0;

    /// <summary>Decides the pending proposals.</summary>
    public static void DecideAll(EsfApprover<IoTTelemetry.View> approver)
    {
        var inHand = new Stack<(long Position, double Value)>();
        bool isMore = true;
        while (isMore)
        {
            isMore = approver.TryRead(out EsfMessage<IoTTelemetry.View> proposal);
            if (isMore)
            {
                inHand.Push((proposal.Position, proposal.View.Value));
            }

            while (inHand.Count == AtOnce || (!isMore && inHand.Count > 0))
            {
                for (int i = Math.Min(AtOnce, inHand.Count); i > 0; i--)
                {
                    (long position, double value) = inHand.Pop();
                    _ = IsGood(value) ? approver.Approve(position) : approver.Reject(position, "odd");
                }
            }
        }
    }

    public static int Run(string directory)
    {
        using EstreamQueue proposals = EstreamQueue.Open(ProposalsOf(directory), Options);
        using EstreamQueue curated = EstreamQueue.Open(CuratedOf(directory), Options);
        using var approver = new EsfApprover<IoTTelemetry.View>(proposals, curated, "program");
        Console.WriteLine("running");
        DecideAll(approver);
        Console.WriteLine("done");
        Console.ReadLine();
        return 0;
    }
}
