using Estream.Scenarios.Harness;

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
                Console.WriteLine($"{scenario.Name,-14} {scenario.Summary}");
            }

            return 0;
        }

        if (line.JsonFile is { } wanted)
        {
            JsonRows.RequireWritable(wanted);
        }

        using var data = new DataDirectory(line.DataDirectory);
        var plan = new RunPlan(
            line.Size, line.IsQuick, data.Path, NativePeers.Build(Console.Out));
        MachineSheet.Print(Console.Out, data.Path);
        var report = new Report(Console.Out, plan);
        List<Row> rows = RunAll(line.Scenarios, plan, report);
        report.End();
        if (line.JsonFile is { } file)
        {
            JsonRows.Write(file, rows);
        }

        return 0;
    }

    private static List<Row> RunAll(List<IScenario> scenarios, RunPlan plan, Report report)
    {
        report.Begin(scenarios);
        var rows = new List<Row>();
        foreach (IScenario scenario in scenarios)
        {
            foreach (ScenarioCase scenarioCase in scenario.Cases)
            {
                List<Row> fresh = ScenarioRunner.Run(scenario, scenarioCase, plan);
                report.Add(scenarioCase, fresh);
                rows.AddRange(fresh);
            }
        }

        return rows;
    }
}
