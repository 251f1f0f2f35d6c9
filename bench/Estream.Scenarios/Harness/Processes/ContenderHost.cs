namespace Estream.Scenarios.Harness;

/// <summary>
/// The child side of a managed contender (<c>--contender SCENARIO CASE IMPLEMENTATION DIR SIZE</c>): sets up, prints
/// <c>ready</c>, then answers every <c>run</c> with one <see cref="RunResult"/> line until its input ends.
/// </summary>
internal static class ContenderHost
{
    public const string Role = "--contender";

    public static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 5)
        {
            throw new ScenarioException($"{Role} is reserved for the harness: SCENARIO CASE IMPLEMENTATION DIR SIZE");
        }

        ManagedContender contender = Find(arguments[0], arguments[1], arguments[2]);
        using IContender work = contender.Create(new ContenderContext(arguments[3], Enum.Parse<RunSize>(arguments[4])));
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } command)
        {
            if (command != "run")
            {
                throw new ScenarioException($"unknown command '{command}' for a contender");
            }

            Console.WriteLine(work.Run().ToLine());
        }

        return 0;
    }

    private static ManagedContender Find(string scenario, string caseName, string implementation)
    {
        return Catalog.Find(scenario).Cases.Single(c => c.Name == caseName)
            .Contenders.OfType<ManagedContender>().Single(c => c.Implementation == implementation);
    }
}
