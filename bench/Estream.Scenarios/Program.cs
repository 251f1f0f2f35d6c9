using System.Globalization;
using Estream.Scenarios;
using Estream.Scenarios.Capacity;
using Estream.Scenarios.Harness;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
try
{
    if (args is [CapacityCommand.Name, .. string[] rest])
    {
        return CapacityCommand.Run(rest);
    }

    return ChildRoles.TryRun(args) ?? HarnessRun.Run(Estream.Scenarios.CommandLine.Parse(args));
}
catch (UsageException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Estream.Scenarios.CommandLine.Usage}");
    return 2;
}
catch (Exception e) when (e is ScenarioException or FormatException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"failed: {e.Message}");
    return 1;
}
