using Estream.Cli;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Output;

using TerminationSignals signals = new();
using Stream input = Console.OpenStandardInput();
using Stream output = StandardOutput.Open();
bool isAsked = !Console.IsInputRedirected && !Console.IsOutputRedirected;
CliContext context = new()
{
    Input = input,
    Output = output,
    Error = Console.Error,
    DataFolder = Environment.GetEnvironmentVariable("ESTREAM_DATA") is { Length: > 0 } folder ? folder : "data",
    HostProgram = Environment.GetEnvironmentVariable(HostProgramFile.Variable),
    IsTerminal = !Console.IsOutputRedirected,
    HasColor = !Console.IsOutputRedirected && StandardOutput.AllowsColor(Environment.GetEnvironmentVariable),
    IsErrorTerminal = !Console.IsErrorRedirected,
    AskSecret = isAsked ? Prompts.Secret : null,
    Confirm = isAsked ? Prompts.Confirm : null,
    Cancellation = signals.Token,
};
return await CliProgram.RunAsync(args, context).ConfigureAwait(false);
