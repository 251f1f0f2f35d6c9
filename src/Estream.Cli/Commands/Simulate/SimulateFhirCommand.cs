using System.CommandLine;
using Estream.Cli.Output;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate fhir`: a FHIR R4 server whose data is deleted at the end.</summary>
internal static class SimulateFhirCommand
{
    private const int DefaultPort = 8094;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port; 0 for a free one.", DefaultPort, 0, ushort.MaxValue);
        Option<bool> json = SharedOptions.Json();
        Command command = new("fhir",
            "Serves FHIR R4 on the loopback interface: Patient, Observation, Encounter, Consent and Subscription. The data is deleted at "
            + "the end. Example: estream simulate fhir")
        {
            port, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            FhirSimulator simulator = new(parsed.GetValue(port), context.Clock);
            await using (simulator.ConfigureAwait(false))
            {
                await simulator.StartAsync(cancellation).ConfigureAwait(false);
                using (LineWriter lines = new(context.Output))
                {
                    if (parsed.GetValue(json))
                    {
                        lines.WriteObject(writer => writer.WriteString("url"u8, simulator.Url));
                    }
                    else
                    {
                        lines.WriteLine($"serving FHIR at {simulator.Url}; Ctrl-C ends");
                    }
                }

                await simulator.RunAsync(cancellation).ConfigureAwait(false);
                return ExitCode.Ok;
            }
        });
        return command;
    }
}
