using System.CommandLine;
using System.CommandLine.Invocation;

namespace Estream.Cli;

/// <summary>Prints the first level of the help: the commands in groups, one line each. The help of a command is the default one.</summary>
internal sealed class RootHelp(SynchronousCommandLineAction details) : SynchronousCommandLineAction
{
    /// <summary>All commands, in the order of the help.</summary>
    public static readonly IReadOnlyList<(string Title, string[] Commands)> Groups =
    [
        ("Host", ["host", "status", "doctor", "tune", "token", "audit"]),
        ("Queues, maps and schemas", ["tail", "queue", "map", "schema", "esf", "replica", "placement", "multicast"]),
        ("Processing", ["circuit", "pipeline", "fpga"]),
        ("Protocols", ["feed", "simulate", "modbus", "dnp3", "opcua", "hl7", "iso20022", "fhir", "wire"]),
        ("Keys and proofs", ["key", "sign", "verify", "witness", "vault"]),
        ("Components", ["marketplace", "init"]),
        ("Shell", ["completion"]),
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command is not RootCommand root)
        {
            return details.Invoke(parseResult);
        }

        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(root.Description);
        output.WriteLine();
        output.WriteLine("Usage: estream COMMAND [options]");
        foreach ((string title, string[] commands) in Groups)
        {
            output.WriteLine();
            output.WriteLine(title + ":");
            foreach (string name in commands)
            {
                output.WriteLine($"  {name,-12} {Summary(root.Subcommands.First(command => command.Name == name))}");
            }
        }

        output.WriteLine();
        output.WriteLine("estream COMMAND --help shows options and an example. estream --version shows the version.");
        return ExitCode.Ok;
    }

    private static string Summary(Command command)
    {
        string text = command.Description ?? "";
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? text : text[..(end + 1)];
    }
}
