namespace Estream.Scenarios.Harness;

/// <summary>
/// The second process of every <c>estream</c> row: it has the storage under test open, read-only, and reads
/// from it ten times a second, so that the row is measured on storage that is really shared.
/// </summary>
internal static class Holder
{
    public const string Role = "--hold";

    private const string Holding = "holding";
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    /// <summary>Starts a holder and returns when it has the storage open; disposing ends it.</summary>
    public static IDisposable Start(string kind, string path)
    {
        var child = new ChildProcess(SelfProcess.Start(Role, kind, path), $"the second process that holds the {kind}");
        child.Expect(Holding, s_startLimit);
        return child;
    }

    /// <summary>The child side: <c>--hold KIND PATH</c>.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 2)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: KIND PATH");
        }

        using IHeldStorage held = HeldStorage.Open(arguments[0], arguments[1]);
        held.Touch();
        Console.WriteLine(Holding);
        Task<string?> end = Console.In.ReadLineAsync();
        while (!end.Wait(s_pause))
        {
            held.Touch();
        }

        return 0;
    }
}
