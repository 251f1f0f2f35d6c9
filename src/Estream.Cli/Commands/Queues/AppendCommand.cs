using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Cli.Commands.Remote;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Client;
using Estream.Core;
using Estream.Esf;

namespace Estream.Cli.Commands;

/// <summary>`estream queue append`: appends JSON objects as messages of a schema, or lines as they are.</summary>
internal sealed class AppendCommand
{
    /// <summary>The number of messages that show whether a queue has a schema. Some may be raw.</summary>
    private const int MaxSamples = 16;

    private readonly Argument<string> _queue = SharedOptions.Queue();

    private readonly Argument<string?> _file = new("FILE")
    {
        Description = "The file with the messages. Default: standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _schema = new("--schema")
    {
        Description = "The schema of the messages. Each line is a JSON object, which is stored as ESF.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _schemaFile = new("--schema-file")
    {
        Description = "An additional schema file (.esf.yaml), besides the built-in schemas and the schemas of the host. May be repeated.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _raw = new("--raw")
    {
        Description = "Append each line as it is. Required if one of the newest messages of the queue has a known schema, or if the "
            + "queue has no messages.",
    };

    public static Command Create(CliContext context)
    {
        AppendCommand append = new();
        Command command = new("append", "Appends messages to a queue of the data folder, or of a host, and prints how many are stored. "
            + "With --schema, each line is a JSON object; otherwise each line is a message. Stops at the first line that does not match: "
            + "earlier lines are stored, and the exit code is 1. Example: estream queue append telemetry readings.jsonl "
            + "--schema IoTTelemetry --host unix:data/run/client.sock")
        {
            append._queue, append._file, append._schema, append._schemaFile, append._raw,
        };
        MasterKeyOptions masterKeys = new(command);
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction((parsed, cancellation) => append.RunAsync(context, parsed, masterKeys, remote, cancellation));
        return command;
    }

    private async Task<int> RunAsync(
        CliContext context, ParseResult parsed, MasterKeyOptions masterKeys, RemoteOptions remote, CancellationToken cancellation)
    {
        string name = parsed.GetRequiredValue(_queue);
        SchemaCatalog schemas = SchemaCatalog.Load(new DataFolder(context.DataFolder), parsed.GetRequiredValue(_schemaFile));
        EsfSchema? schema = SchemaOf(parsed, schemas);
        using FileStream? file = parsed.GetValue(_file) is { } path ? NamedFile.Open(path) : null;
        using QueueKeyRing? keys = masterKeys.Read(parsed);
        IAppendTarget target = remote.IsGiven(parsed)
            ? await HostAppendTarget.OpenAsync(await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false), name, cancellation)
                .ConfigureAwait(false)
            : LocalAppendTarget.Open(context, name, keys);
        await using (target.ConfigureAwait(false))
        {
            if (schema is null && !parsed.GetValue(_raw))
            {
                await RequireUntypedAsync(name, schemas, target).ConfigureAwait(false);
            }

            InputBuffer input = new(file ?? context.Input, static () => { }, cancellation);
            await AppendAllAsync(input, schema, target).ConfigureAwait(false);
            if (!remote.IsGiven(parsed) && target.Stored > 0)
            {
                CliAudit.Record(context, "queue append", name, string.Create(CultureInfo.InvariantCulture, $"{target.Stored} messages"));
            }

            using LineWriter lines = new(context.Output);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stored {target.Stored} messages"));
        }

        return ExitCode.Ok;
    }

    private EsfSchema? SchemaOf(ParseResult parsed, SchemaCatalog schemas)
    {
        if (parsed.GetValue(_schema) is not { } name)
        {
            return null;
        }

        if (parsed.GetValue(_raw))
        {
            throw new CliException("--schema and --raw cannot be used together. Give one of them.");
        }

        EsfSchema schema = SchemaCommand.Find(schemas.Known, name);
        return schema.IsProtected
            ? throw new CliException($"{schema.QualifiedName} has private or tokenized fields, which only an adapter of the host seals. "
                + "Send the messages to an adapter.")
            : schema;
    }

    private static async Task RequireUntypedAsync(string queue, SchemaCatalog schemas, IAppendTarget target)
    {
        IReadOnlyList<byte[]> newest = await target.ReadNewestAsync(MaxSamples).ConfigureAwait(false);
        const string Raw = "or --raw to append the lines as they are.";
        if (newest.Count == 0)
        {
            throw new CliException($"The queue '{queue}' has no messages, or this command may not read them, so the schema of the queue "
                + $"is unknown. Give --schema NAME and lines of JSON, {Raw}");
        }

        foreach (byte[] message in newest.Reverse())
        {
            if (schemas.TryGet(message, out EsfSchema? schema))
            {
                throw new CliException($"The queue '{queue}' has messages of {schema.QualifiedName}. Give --schema {schema.Name} and lines "
                    + $"of JSON, {Raw}");
            }
        }
    }

    private static async Task AppendAllAsync(InputBuffer input, EsfSchema? schema, IAppendTarget target)
    {
        Exception? failure = null;
        try
        {
            await (schema is null ? AppendLinesAsync(input, target) : AppendObjectsAsync(input, schema, target)).ConfigureAwait(false);
        }
        catch (Exception stopped) when (stopped is CliException or EstreamException or IOException or OperationCanceledException)
        {
            failure = stopped;
        }

        // After an invalid line, the messages before the line are stored. An appender that the host refused stores no more messages.
        if (failure is null or CliException)
        {
            await target.FlushAsync().ConfigureAwait(false);
        }

        if (failure is null)
        {
            return;
        }

        string count = string.Create(CultureInfo.InvariantCulture, $"{target.Stored} messages are stored.");
        throw failure switch
        {
            CliException invalid => new CliException($"{invalid.Message.TrimEnd('.')}. {count}", invalid.ExitCode),
            OperationCanceledException => new CliException($"Cancelled before the end of the input. {count}"),
            _ => new CliException($"{failure.Message} {count}"),
        };
    }

    private static async Task AppendObjectsAsync(InputBuffer input, EsfSchema schema, IAppendTarget target)
    {
        JsonObjects objects = new(input);
        JsonEncoder encoder = new(schema);
        while (await objects.MoveNextAsync().ConfigureAwait(false))
        {
            ReadOnlyMemory<byte> message = encoder.Encode(objects);
            if (message.Length > target.MaxMessageBytes)
            {
                throw objects.Refuse(0, string.Create(CultureInfo.InvariantCulture,
                    $"the message has {message.Length} bytes, but the queue takes {target.MaxMessageBytes}"));
            }

            await target.AppendAsync(message).ConfigureAwait(false);
        }
    }

    private static async Task AppendLinesAsync(InputBuffer input, IAppendTarget target)
    {
        InputLines lines = new(input, target.MaxMessageBytes);
        while (await lines.MoveNextAsync().ConfigureAwait(false))
        {
            await target.AppendAsync(lines.Current).ConfigureAwait(false);
        }
    }
}
