using Estream.Scenarios.Codecs;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;

namespace Estream.Scenarios;

/// <summary>One run of the harness, from the machine sheet to the JSON file.</summary>
internal static class HarnessRun
{
    public static int Run(CommandLine line)
    {
        if (line.WantsHelp)
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }

        if (line.WantsList)
        {
            foreach (IScenario scenario in Catalog.All)
            {
                Console.WriteLine($"{scenario.Name,-18} {scenario.Summary}");
            }

            return 0;
        }

        // Checked before the measurements, so that no run is lost to a file that cannot be written.
        Array.ForEach([line.JsonFile, line.DocumentFile], FreshFile.RequireWritable);
        using var directories = new RunDirectories(line.DataDirectory, line.DiskDirectory, line.HugePageDirectory);
        var plan = new RunPlan(line.Size, line.IsQuick, directories.Data, NativePeers.Build(Console.Out))
        {
            Node = !line.IsQuick && line.Scenarios.Any(UsesNode) ? NodePeers.Prepare(Console.Out) : null,
            DiskDirectory = directories.Disk,
            HugePageDirectory = directories.HugePages,
        };
        if (!ProtobufCodecs.AreBuilt)
        {
            Console.WriteLine(
                "Google.Protobuf rows are skipped: protoc was not on PATH at build time. On Debian: apt-get install -y protobuf-compiler");
        }

        IReadOnlyList<(string Name, string Value)> machine = MachineSheet.Of(directories);
        MachineSheet.Print(Console.Out, machine);
        var report = new Report(Console.Out, plan);
        RabbitCluster.AreKept = line.Size == RunSize.Tiny;
        List<Row> rows;
        try
        {
            rows = RunAll(line, plan, report);
        }
        finally
        {
            RabbitCluster.StopShared();
        }

        report.End();
        if (line.JsonFile is { } json)
        {
            JsonRows.Write(json, rows);
        }

        if (line.DocumentFile is { } document)
        {
            FreshFile.Write(document, stream => BenchmarksDocument.Write(stream, machine, plan, rows, MissedReasons.Read()));
        }

        return 0;
    }

    private static bool UsesNode(IScenario scenario) => scenario.Cases.Any(c => c.Contenders.Any(contender => contender is NodeContender));

    private static List<Row> RunAll(CommandLine line, RunPlan plan, Report report)
    {
        report.Begin(line.Scenarios);
        var rows = new List<Row>();
        foreach (IScenario scenario in line.Scenarios)
        {
            foreach (ScenarioCase scenarioCase in line.CasesOf(scenario))
            {
                List<Row> fresh = ScenarioRunner.Run(scenario, scenarioCase, plan);
                report.Add(fresh);
                rows.AddRange(fresh);
            }
        }

        return rows;
    }
}
