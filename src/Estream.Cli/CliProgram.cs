using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Estream.Cli.Commands;
using Estream.Cli.Commands.Dnp3;
using Estream.Cli.Commands.Fhir;
using Estream.Cli.Commands.Hl7;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Commands.Iso20022;
using Estream.Cli.Commands.Marketplace;
using Estream.Cli.Commands.Modbus;
using Estream.Cli.Commands.Multicast;
using Estream.Cli.Commands.OpcUa;
using Estream.Cli.Commands.Simulate;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Esf.Schema.Internal;
using Estream.Marketplace.Registries;

namespace Estream.Cli;

/// <summary>Parses a command line, runs its command, and reports each error as one line and an exit code.</summary>
internal static class CliProgram
{
    public static async Task<int> RunAsync(string[] args, CliContext context)
    {
        if (NativeBinary.IsNative && NativeBinary.IsForManaged(args))
        {
            return RunManaged(args, context);
        }

        RootCommand root = CreateRoot(context, args);

        // An argument that begins with '@' is a component name; disable response files.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        // Shell completion passes a directive followed by an incomplete command, which always has errors.
        if (parsed.Errors.Count > 0 && !parsed.Tokens.Any(token => token.Type == TokenType.Directive))
        {
            return Misused(parsed, context);
        }

        try
        {
            using StreamWriter text = new(context.Output, leaveOpen: true) { AutoFlush = true };
            InvocationConfiguration configuration = new()
            {
                Output = text,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, context.Cancellation).ConfigureAwait(false);
        }
        catch (IOException e) when (StandardOutput.IsBrokenPipe(e))
        {
            // The reader closed the pipe (| head). This is not an error.
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (context.Cancellation.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (CliException e)
        {
            return Fail(context, e.Message, e.ExitCode);
        }
        catch (EstreamRegistryException e) when (e.Fault == RegistryFault.Untrusted)
        {
            return Fail(context, WorkspaceText.Plain(e.Message), ExitCode.No);
        }
        catch (Exception e) when (e is EstreamException or IOException or UnauthorizedAccessException)
        {
            return Fail(context, WhatToDo(e), ExitCode.Failed);
        }
    }

    // Error messages of the operating system do not say what to do, so append the advice.
    private static string WhatToDo(Exception failed) => failed switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{failed.Message} Check the path.",
        UnauthorizedAccessException => $"{failed.Message} Check the path, its owner and permissions, and whether it is a folder.",
        _ => failed.Message,
    };

    /// <summary>Creates the root command with the subcommands that <paramref name="args"/> needs.</summary>
    internal static RootCommand CreateRoot(CliContext context, params string[] args)
    {
        RootCommand root = new(
            "Estream: memory-mapped queues, maps and protocol adapters. Data folder: the variable ESTREAM_DATA, or ./data.");
        CommandGroup[] groups = NativeBinary.IsNative ? NativeBinary.Groups : GroupsFor(args);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new RootHelp((SynchronousCommandLineAction)help.Action!, groups);
        LazyCommands.Add(root, context, args, [.. groups.SelectMany(group => group.Commands)]);
        NumberOptions.Guard(root);
        return root;
    }

    private static CommandGroup[] GroupsFor(string[] args) =>
    [
        new("Host",
            ("host", HostCommand.Create),
            ("status", StatusCommand.Create),
            ("doctor", DoctorCommand.Create),
            ("tune", TuneCommand.Create),
            ("token", TokenCommand.Create),
            ("audit", AuditCommand.Create)),
        new("Queues, maps and schemas",
            ("tail", TailCommand.Create),
            ("queue", QueueCommand.Create),
            ("map", MapCommand.Create),
            ("schema", SchemaCommand.Create),
            ("esf", EsfCommand.Create),
            ("replica", ReplicaCommand.Create),
            ("placement", PlacementCommand.Create),
            ("multicast", MulticastCommand.Create)),
        new("Processing",
            ("circuit", CircuitCommand.Create),
            ("pipeline", PipelineCommand.Create),
            ("fpga", FpgaCommand.Create)),
        new("Protocols",
            ("feed", FeedCommand.Create),
            ("simulate", SimulateCommand.Create),
            ("modbus", ModbusCommand.Create),
            ("dnp3", Dnp3Command.Create),
            ("opcua", OpcUaCommand.Create),
            ("hl7", Hl7Command.Create),
            ("iso20022", Iso20022Command.Create),
            ("fhir", FhirCommand.Create),
            ("wire", WireCommand.Create)),
        new("Keys and proofs",
            ("key", KeyCommand.Create),
            ("sign", SignatureCommands.CreateSign),
            ("verify", SignatureCommands.CreateVerify),
            ("witness", WitnessCommand.Create),
            ("vault", VaultCommand.Create)),
        new("Components",
            ("marketplace", given => MarketplaceCommand.Create(given, args is ["marketplace", .. string[] words] ? words : [])),
            ("init", ScaffoldCommand.CreateInit)),
        new("Shell",
            ("completion", CompletionCommand.Create)),
    ];

    private static int RunManaged(string[] args, CliContext context)
    {
        try
        {
            return NativeBinary.RunManaged(args);
        }
        catch (CliException e)
        {
            return Fail(context, e.Message, e.ExitCode);
        }
    }

    private static int Misused(ParseResult parsed, CliContext context)
    {
        List<string> words = [];
        for (SymbolResult? symbol = parsed.CommandResult; symbol is CommandResult command; symbol = symbol.Parent)
        {
            words.Insert(0, command.Command is RootCommand ? "estream" : command.Command.Name);
        }

        return Fail(context, $"{UsageErrors.Of(parsed)} See: {string.Join(' ', words)} --help", ExitCode.Failed);
    }

    private static int Fail(CliContext context, string message, int code)
    {
        context.Error.WriteLine($"estream: {message.ReplaceLineEndings(" ")}");
        return code;
    }
}

/// <summary>Describes errors of a command line without naming .NET types.</summary>
internal static class UsageErrors
{
    /// <summary>Returns the messages for all parse errors, with the nearest command or option for each unknown word.</summary>
    public static string Of(ParseResult parsed)
    {
        // After an unknown command, the words that follow are unknown too, and the command is missing.
        bool isUnknownCommand = parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count > 0;
        IEnumerable<ParseError> errors = isUnknownCommand
            ? parsed.Errors.Where(error => IsAbout(error, parsed.UnmatchedTokens[0])).Take(1)
            : parsed.Errors;
        return string.Join(' ', errors.DefaultIfEmpty(parsed.Errors[0]).Select(error => Of(error) + Hint(error, parsed)));
    }

    private static bool IsAbout(ParseError error, string token) => error.Message.Contains($"'{token}'", StringComparison.Ordinal);

    private static string Hint(ParseError error, ParseResult parsed)
    {
        if (parsed.UnmatchedTokens.FirstOrDefault(token => IsAbout(error, token)) is not { } unknown)
        {
            return "";
        }

        Command command = parsed.CommandResult.Command;
        IEnumerable<Symbol> known = unknown.StartsWith('-') ? command.Options : command.Subcommands;
        return NearestName.Hint(unknown, known.Where(symbol => !symbol.Hidden).Select(symbol => symbol.Name));
    }

    private static string Of(ParseError error)
    {
        OptionResult? option = error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult;
        return option is not null && NumberOptions.IsNumber(option.Option.ValueType, out bool isWhole)
            && option.Tokens.FirstOrDefault(token => !NumberOptions.Fits(token.Value, option.Option.ValueType)) is { } wrong
            ? Says(option.Option.Name, wrong.Value, isWhole)
            : error.Message;
    }

    private static string Says(string option, string text, bool isWhole)
    {
        bool isTooLarge = text.Length > 1 && !text.AsSpan(text[0] == '-' ? 1 : 0).ContainsAnyExceptInRange('0', '9');
        return isTooLarge
            ? $"{option}: {text} is out of range."
            : $"{option} takes a {(isWhole ? "whole " : "")}number, not '{text}'.";
    }
}
