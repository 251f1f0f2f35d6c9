using Estream.Scenarios.Harness;

namespace Estream.Scenarios;

/// <summary>The parsed arguments of the command line.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: dotnet run -c Release --project bench/Estream.Scenarios -- [SCENARIO …] [options]

          SCENARIO      the scenarios to run, in this order; all if none is given (--list shows them)
          --case NAME   run only the cases of this name; may be repeated
          --quick       same sizes, fewer rounds, and only the estream, floor and reference rows
          --json FILE   write the rows as a JSON array; FILE is overwritten
          --doc FILE    write the rows as a page for a reader, such as docs/benchmarks.md; FILE is overwritten
          --data DIR    the directory for files of both sides (default: /dev/shm, else the temporary directory)
          --disk DIR    the directory for rows on a disk (default: /var/tmp, else the temporary directory)
          --huge DIR    a directory on a file system that gives huge pages (default: one is mounted, as root)
          --tiny        a few operations per round, to check that everything works; the figures mean nothing
          --list        list the scenarios and exit
          --help        print this text

        A missed target is printed, and the exit code is still 0. Exit code 1: a scenario failed. Exit code 2: invalid arguments.
        How the figures are measured: docs/bench-method.md

        capacity [options] simulates a replicated cluster instead; see capacity --help
        """;

    public List<IScenario> Scenarios { get; } = [];

    /// <summary>Names of the only cases to run; empty for all cases.</summary>
    public List<string> Cases { get; } = [];

    public bool IsQuick { get; private set; }

    /// <summary>The amount of work; <c>--quick</c> does not reduce it.</summary>
    public RunSize Size { get; private set; } = RunSize.Full;

    public bool WantsHelp { get; private set; }

    public bool WantsList { get; private set; }

    public string? JsonFile { get; private set; }

    public string? DocumentFile { get; private set; }

    public string? DataDirectory { get; private set; }

    public string? DiskDirectory { get; private set; }

    public string? HugePageDirectory { get; private set; }

    /// <summary>Parses the arguments, or throws <see cref="UsageException"/> with a message for the user.</summary>
    public static CommandLine Parse(string[] arguments)
    {
        var line = new CommandLine();
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "--case": line.Cases.Add(ValueOf(arguments, ref i)); break;
                case "--quick": line.IsQuick = true; break;
                case "--tiny": line.Size = RunSize.Tiny; break;
                case "--list": line.WantsList = true; break;
                case "--help" or "-h": line.WantsHelp = true; break;
                case "--json": line.JsonFile = ValueOf(arguments, ref i); break;
                case "--doc": line.DocumentFile = ValueOf(arguments, ref i); break;
                case "--data": line.DataDirectory = ValueOf(arguments, ref i); break;
                case "--disk": line.DiskDirectory = ValueOf(arguments, ref i); break;
                case "--huge": line.HugePageDirectory = ValueOf(arguments, ref i); break;
                default: line.Add(argument); break;
            }
        }

        if (line.Scenarios.Count == 0)
        {
            line.Scenarios.AddRange(Catalog.All);
        }

        line.RequireCases();
        return line;
    }

    /// <summary>Returns the cases of a scenario to run.</summary>
    public IEnumerable<ScenarioCase> CasesOf(IScenario scenario) =>
        scenario.Cases.Where(one => Cases.Count == 0 || Cases.Contains(one.Name));

    private void RequireCases()
    {
        string[] known = [.. Scenarios.SelectMany(scenario => scenario.Cases).Select(one => one.Name).Distinct()];
        if (Cases.Find(name => !known.Contains(name)) is { } unknown)
        {
            throw new UsageException($"these scenarios have no case '{unknown}'; cases: {string.Join(", ", known)}");
        }
    }

    private static string ValueOf(string[] arguments, ref int index)
    {
        string option = arguments[index++];
        return index < arguments.Length
            ? arguments[index]
            : throw new UsageException($"{option} needs a value");
    }

    private void Add(string name)
    {
        if (name.StartsWith('-'))
        {
            throw new UsageException($"unknown option '{name}'");
        }

        IScenario scenario = Catalog.All.FirstOrDefault(s => s.Name == name)
            ?? throw new UsageException(
                $"there is no scenario '{name}'; scenarios: {string.Join(", ", Catalog.All.Select(s => s.Name))}");

        // A name given twice is run once: there is exactly one row per scenario, implementation and case.
        if (!Scenarios.Contains(scenario))
        {
            Scenarios.Add(scenario);
        }
    }
}

/// <summary>The command line is invalid; the program prints the message and the usage and exits with code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
