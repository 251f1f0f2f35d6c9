using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Cli.Commands;

/// <summary>`estream tail`: prints the messages of a queue, decoded, one per line.</summary>
internal static class TailCommand
{
    // Read-only tailers are not notified, so poll often enough for an interactive user.
    private const int LongestPauseMicroseconds = 20_000;

    public static Command Create(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<string?> from = new("--from")
        {
            Description = $"Where to begin: {StartPoint.Help}. Default: last:10.",
            HelpName = "WHERE",
        };
        Option<long?> last = new("-n", "--last") { Description = "Begin with the last N messages.", HelpName = "N" };
        Option<string?> since = new("--since")
        {
            Description = "Begin with messages of this age, such as 30s, 5m, 2h or 7d.",
            HelpName = "AGE",
        };
        Option<long?> limit = new("--limit") { Description = "Print at most N messages, and exit.", HelpName = "N" };
        Option<bool> follow = new("--follow", "-f") { Description = "Wait for new messages instead of exiting at the end." };
        Option<string?> path = new("--path")
        {
            Description =
                "Print only messages whose address matches, such as /devices/*/telemetry or /devices/pump-7/**. --from still counts all "
                + "messages.",
            HelpName = "PATTERN",
        };
        Option<string?> lattice = new("--lattice")
        {
            Description = "Print only messages whose lattice matches, such as estream.iot.**",
            HelpName = "PATTERN",
        };
        Option<string[]> audience = new("--audience")
        {
            Description =
                "Print only messages with a private value for this audience, and messages without private values. With --keys, only values "
                + "for these audiences are decrypted. May be repeated.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<string?> keyFolder = new("--keys")
        {
            Description = "A folder with private keys (NAME.key.pem). Private values sealed for these keys are decrypted.",
            HelpName = "FOLDER",
        };
        Option<string[]> schema = SharedOptions.SchemaFiles();
        Option<bool> json = SharedOptions.Json();
        Command command = new("tail", "Prints the messages of a queue. Read-only; a running host is not affected. Example: estream tail "
            + "telemetry -n 20 --follow")
        {
            queue, last, since, from, limit, follow, path, lattice, audience, keyFolder, schema, json,
        };
        MasterKeyOptions masterKeys = new(command);
        command.SetAction(parsed =>
        {
            StartPoint start = StartPoint.Parse(
                parsed.GetValue(from), parsed.GetValue(last), parsed.GetValue(since), context.Clock.UtcNanos);
            if (parsed.GetValue(limit) is < 1)
            {
                throw new CliException("--limit takes 1 or more: the number of messages.");
            }

            DataFolder data = new(context.DataFolder);
            SchemaCatalog schemas = SchemaCatalog.Load(data, parsed.GetRequiredValue(schema));
            EsfMessageFilter? filter = MessageSelection.Of(schemas, parsed.GetValue(lattice), parsed.GetValue(path));
            EsfAudienceFilter? audiences = MessageSelection.For(schemas, parsed.GetRequiredValue(audience));
            using EsfKeyRing? ring = parsed.GetValue(keyFolder) is { } folder ? EsfKeyRing.Load(folder) : null;
            using UnsealedJson? opened = ring is null ? null : new UnsealedJson(ring, audiences, vault: null);
            using MessageJson messages = new(schemas, opened);
            using QueueKeyRing? keys = masterKeys.Read(parsed);
            using EstreamQueue log = EstreamQueue.OpenReadOnly(data.Resolve(DataFolder.Queues, parsed.GetRequiredValue(queue)),
                new QueueOptions { Keys = keys });
            using LineWriter lines = new(context.Output);
            TailPrinter tail = new(lines, messages, filter, audiences, parsed.GetValue(json), parsed.GetValue(limit) ?? long.MaxValue);
            tail.Run(log, start, parsed.GetValue(follow), context.Cancellation);
            if (tail is { Printed: 0, Skipped: > 0 } && !context.Cancellation.IsCancellationRequested)
            {
                context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"estream: none of the {tail.Skipped} messages matches --path, --lattice or --audience. --from start reads all messages."));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private sealed class TailPrinter(LineWriter lines, MessageJson messages, EsfMessageFilter? filter, EsfAudienceFilter? audiences,
        bool isJson, long limit)
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
                if ((filter is null || filter.Matches(message.Payload)) && PrintIfChosen(in message))
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
