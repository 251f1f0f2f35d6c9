using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Cli.Commands.Remote;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Client;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream tail`: prints the messages of a queue, decoded, one per line.</summary>
internal sealed class TailCommand
{
    // Read-only tailers are not notified, so poll often enough for an interactive user.
    private const int LongestPauseMicroseconds = 20_000;

    private readonly Argument<string> _queue = SharedOptions.Queue();

    private readonly Option<long?> _last = new("-n", "--last") { Description = "Begin with the last N messages.", HelpName = "N" };

    private readonly Option<string?> _since = new("--since")
    {
        Description = "Begin with messages of this age, such as 30s, 5m, 2h or 7d.",
        HelpName = "AGE",
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = $"Where to begin: {StartPoint.Help}. Default: last:10.",
        HelpName = "WHERE",
    };

    private readonly Option<long?> _limit = new("--limit") { Description = "Print at most N messages, and exit.", HelpName = "N" };

    private readonly Option<bool> _follow = new("--follow", "-f")
    {
        Description = "Wait for new messages instead of exiting at the end.",
    };

    private readonly Option<string?> _type = new("--type")
    {
        Description = "Print only messages of this schema. With --host and without --follow, this machine must know the schema: add its "
            + "file with --schema.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _where = new("--where")
    {
        Description = "Print only messages whose fields satisfy this expression, such as 'value > 100'. With --host, give --type too.",
        HelpName = "EXPRESSION",
    };

    private readonly Option<string?> _path = new("--path")
    {
        Description =
            "Print only messages whose address matches, such as /devices/*/telemetry or /devices/pump-7/**. --from still counts all "
            + "messages.",
        HelpName = "PATTERN",
    };

    private readonly Option<string?> _lattice = new("--lattice")
    {
        Description = "Print only messages whose lattice matches, such as estream.iot.**",
        HelpName = "PATTERN",
    };

    private readonly Option<string[]> _audience = new("--audience")
    {
        Description =
            "Print only messages with a private value for this audience, and messages without private values. With --keys, only values "
            + "for these audiences are decrypted. May be repeated.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _keyFolder = new("--keys")
    {
        Description = "A folder with private keys (NAME.key.pem). Private values sealed for these keys are decrypted.",
        HelpName = "FOLDER",
    };

    private readonly Option<string[]> _schema = SharedOptions.SchemaFiles();

    private FormatOption _format = null!;

    public static Command Create(CliContext context)
    {
        TailCommand tail = new();
        Command command = new("tail", "Prints the messages of a queue of the data folder, or of a host. Read-only; a running host is not "
            + "affected. Example: estream tail telemetry -n 20 --follow --where 'value > 100'")
        {
            tail._queue, tail._last, tail._since, tail._from, tail._limit, tail._follow, tail._type, tail._where, tail._path, tail._lattice,
            tail._audience, tail._keyFolder, tail._schema,
        };
        tail._format = new FormatOption(command);
        MasterKeyOptions masterKeys = new(command);
        RemoteOptions remote = new(command, isRequired: false);
        command.SetAction(async (parsed, cancellation) => remote.IsGiven(parsed)
            ? await tail.RunRemoteAsync(context, parsed, remote, cancellation).ConfigureAwait(false)
            : tail.Run(context, parsed, masterKeys));
        return command;
    }

    private async Task<int> RunRemoteAsync(CliContext context, ParseResult parsed, RemoteOptions remote, CancellationToken cancellation)
    {
        Option[] local = [_path, _lattice, _audience, _keyFolder];
        if (Array.Find(local, option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new CliException($"{given.Name} reads the data folder of this machine. Leave out {given.Name} or --host.");
        }

        if (parsed.GetValue(_where) is not null && parsed.GetValue(_type) is null)
        {
            throw new CliException("--where with --host needs --type: the schema whose fields the expression names.");
        }

        using RemoteValues values = new(context, parsed.GetRequiredValue(_schema), _format.IsJson(parsed));
        RemoteTail tail = new(StartOf(context, parsed), LimitOf(parsed), parsed.GetValue(_follow), parsed.GetValue(_type),
            parsed.GetValue(_where));
        EstreamClient client = await remote.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            await tail.PrintAsync(client.Queue(parsed.GetRequiredValue(_queue)), values, cancellation).ConfigureAwait(false);
        }

        return ExitCode.Ok;
    }

    private StartPoint StartOf(CliContext context, ParseResult parsed) =>
        StartPoint.Parse(parsed.GetValue(_from), parsed.GetValue(_last), parsed.GetValue(_since), context.Clock.UtcNanos);

    private long LimitOf(ParseResult parsed) => parsed.GetValue(_limit) switch
    {
        null => long.MaxValue,
        < 1 => throw new CliException("--limit takes 1 or more: the number of messages."),
        { } limit => limit,
    };

    private int Run(CliContext context, ParseResult parsed, MasterKeyOptions masterKeys)
    {
        StartPoint start = StartOf(context, parsed);
        long limit = LimitOf(parsed);
        DataFolder data = new(context.DataFolder);
        SchemaCatalog schemas = SchemaCatalog.Load(data, parsed.GetRequiredValue(_schema));
        EsfMessageFilter? filter = MessageSelection.Of(schemas, parsed.GetValue(_lattice), parsed.GetValue(_path));
        FieldSelection? fields = FieldSelection.Of(schemas, parsed.GetValue(_type), parsed.GetValue(_where));
        EsfAudienceFilter? audiences = MessageSelection.For(schemas, parsed.GetRequiredValue(_audience));
        using EsfKeyRing? ring = parsed.GetValue(_keyFolder) is { } folder ? EsfKeyRing.Load(folder) : null;
        using UnsealedJson? opened = ring is null ? null : new UnsealedJson(ring, audiences, vault: null);
        using MessageJson messages = new(schemas, opened);
        using QueueKeyRing? keys = masterKeys.Read(parsed);
        using EstreamQueue log = EstreamQueue.OpenReadOnly(data.Resolve(DataFolder.Queues, parsed.GetRequiredValue(_queue)),
            new QueueOptions { Keys = keys });
        using LineWriter lines = new(context.Output);
        TailPrinter tail = new(lines, messages, filter, fields, audiences, _format.IsJson(parsed), limit);
        tail.Run(log, start, parsed.GetValue(_follow), context.Cancellation);
        if (tail is { Printed: 0, Skipped: > 0 } && !context.Cancellation.IsCancellationRequested)
        {
            context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"estream: none of the {tail.Skipped} messages matches. With --from start, all messages are read."));
        }

        return ExitCode.Ok;
    }

    private sealed class TailPrinter(LineWriter lines, MessageJson messages, EsfMessageFilter? filter, FieldSelection? fields,
        EsfAudienceFilter? audiences, bool isJson, long limit)
    {
        public long Printed { get; private set; }

        /// <summary>The messages that were read and do not match.</summary>
        public long Skipped { get; private set; }

        public void Run(EstreamQueue queue, StartPoint start, bool follow, CancellationToken cancellation)
        {
            using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            QueueFollower.Run(queue, start, follow, LongestPauseMicroseconds, lines, Take, enough.Token);

            void Take(in QueueMessage message)
            {
                if ((filter is null || filter.Matches(message.Payload)) && (fields is null || fields.Matches(message.Payload))
                    && PrintIfChosen(in message))
                {
                    Printed++;
                    if (Printed >= limit)
                    {
                        enough.Cancel();
                    }
                }
                else
                {
                    Skipped++;
                }
            }
        }

        // A message that the filter cannot check is reported, not skipped. Its bytes stay hidden, because they may be private values in
        // plaintext.
        private bool PrintIfChosen(in QueueMessage message)
        {
            EsfStatus status = default;
            bool isChosen = true;
            if (audiences is not null)
            {
                status = audiences.Check(message.Payload, out isChosen);
            }

            if (isChosen)
            {
                Print(in message);
                return true;
            }

            if (!status.IsOk && status.Error != EsfError.WrongSchema)
            {
                PrintRefused(in message, status.ToString());
                return true;
            }

            return false;
        }

        private void PrintRefused(in QueueMessage message, string reason)
        {
            MessageLocation place = new(message.Position, message.Sequence, message.Time);
            if (isJson)
            {
                messages.Write(lines.Buffer, place, message: null, key: null, reason);
            }
            else
            {
                lines.Write(string.Create(CultureInfo.InvariantCulture, $"{place.Sequence}  {place.TimeText}  -  ({reason})"));
            }

            lines.EndLine();
        }

        private void Print(in QueueMessage message)
        {
            MessageLocation place = new(message.Position, message.Sequence, message.Time);
            if (isJson)
            {
                messages.Write(lines.Buffer, place, message.Payload);
            }
            else
            {
                lines.Write(string.Create(CultureInfo.InvariantCulture, $"{place.Sequence}  {place.TimeText}  "));
                messages.WriteText(lines, message.Payload);
            }

            lines.EndLine();
        }
    }
}
