using Estream.Queue;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Product;

/// <summary>
/// A process that claims a slot in a queue, appends a message after it, and waits to be killed: no reader reaches the message until
/// another process reclaims the slot.
/// </summary>
internal static class DoomedWriter
{
    public const string Role = "--claim";

    private const string Claimed = "claimed";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    /// <summary>Starts a process and returns when its slot is claimed.</summary>
    public static ChildProcess Start(string directory)
    {
        var child = new ChildProcess(SelfProcess.Start(Role, directory), "the writer that will be killed");
        child.Expect(Claimed, s_startLimit);
        return child;
    }

    /// <summary>The child side: <c>--claim PATH</c>.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: PATH");
        }

        using EstreamQueue queue = EstreamQueue.Open(arguments[0]);
        using QueueAppender doomed = queue.CreateAppender();
        using QueueAppender other = queue.CreateAppender();
        AppendClaim claim = doomed.Claim(64);
        other.Append("behind"u8);
        Console.WriteLine(Claimed);

        // Returns only if the harness itself ends.
        Console.In.ReadLine();
        claim.Dispose();
        return 0;
    }
}
