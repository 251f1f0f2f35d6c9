using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Crypto;
using Estream.Replication;

namespace Estream.Cli.Commands;

/// <summary>`estream placement key`, `ticket` and `verify`: which member owns which partition of a queue, with proofs.</summary>
internal static class PlacementCommand
{
    private const int MaxFileBytes = 1 << 20;
    private const int MaxKeyFileBytes = 4096;

    public static Command Create(CliContext context) =>
        new("placement", "Determines which member owns which partition of a queue, so that anyone can check it.")
        {
            CreateKey(context),
            CreateTicket(context),
            CreateVerify(context),
        };

    private static Command CreateKey(CliContext context)
    {
        Option<string> member = Member(), keyFile = KeyFile();
        Command command = new("key", "Prints the line of a member for the file of published keys. Example: estream placement key --member "
            + "host-a --key-file member.key") { member, keyFile };
        command.SetAction(parsed =>
        {
            using EcvrfPrivateKey key = ReadKey(parsed.GetRequiredValue(keyFile));
            using LineWriter lines = new(context.Output);
            lines.WriteLine($"{parsed.GetRequiredValue(member)} {Convert.ToHexStringLower(key.PublicKey.Encoded.Span)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateTicket(CliContext context)
    {
        Argument<string> queue = new("QUEUE") { Description = "The name of the queue, the same for all members." };
        Option<int> partitions = new("--partitions") { Description = "The number of partitions.", Required = true, HelpName = "N" };
        Option<long> epoch = new("--epoch") { Description = "The number of the placement, from 1.", Required = true, HelpName = "N" };
        Option<string> seed = new("--seed")
        {
            Description =
                "Hexadecimal digits that no member could know when the keys were published, such as the root of a later attestation.",
            HelpName = "HEX",
        };
        Option<string> member = Member(), keyFile = KeyFile();
        Command command = new("ticket", "Prints the ticket of a member: its proofs for all partitions. Example: estream placement ticket "
            + "orders --partitions 16 --epoch 1 --seed 5f0c --member host-a --key-file member.key")
        {
            queue, partitions, epoch, seed, member, keyFile,
        };
        command.SetAction(parsed =>
        {
            using EcvrfPrivateKey key = ReadKey(parsed.GetRequiredValue(keyFile));
            PlacementRound round = Checked(new PlacementRound(
                parsed.GetRequiredValue(queue), parsed.GetValue(epoch), parsed.GetValue(partitions),
                BytesOf(parsed.GetValue(seed) ?? "", "--seed")));
            PlacementTicket ticket = PlacementTicket.Create(round, parsed.GetRequiredValue(member), key);
            using LineWriter lines = new(context.Output);
            WriteTicket(lines, round, ticket);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateVerify(CliContext context)
    {
        Argument<string[]> tickets = new("TICKET") { Description = "The tickets of all members.", Arity = ArgumentArity.OneOrMore };
        Option<string> keys = new("--keys")
        {
            Description = "The file of the published keys: a line NAME KEY for each member.", Required = true, HelpName = "FILE",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("verify", "Verifies the tickets of all members, and prints the owner of each partition. Needs no network. "
            + "Exit code 1 if a ticket is missing or wrong. Example: estream placement verify a.ticket b.ticket --keys members.txt")
        {
            tickets, keys, json,
        };
        command.SetAction(parsed =>
        {
            (PlacementRound round, IReadOnlyList<PlacementTicket> read) = ReadTickets(parsed.GetRequiredValue(tickets));
            bool isProven = PartitionPlacement.TryVerify(
                round, ReadKeys(parsed.GetRequiredValue(keys)), read, out PartitionPlacement? placement, out string? reason);
            if (!isProven)
            {
                throw new CliException($"The placement is not proven. {reason}", ExitCode.No);
            }

            using LineWriter lines = new(context.Output);
            Write(lines, placement!, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string> Member() =>
        new("--member") { Description = "The name of the member, without spaces.", Required = true, HelpName = "NAME" };

    private static Option<string> KeyFile() => new("--key-file")
    {
        Description = "The secret key of the member: 64 hexadecimal digits, readable only by its owner. Create it with: (umask 077; "
            + "openssl rand -hex 32 > member.key)",
        Required = true,
        HelpName = "FILE",
    };

    private static EcvrfPrivateKey ReadKey(string file)
    {
        byte[] seed = BytesOf(SecretFile.ReadText(Path.GetFullPath(file), "key file", MaxKeyFileBytes).Trim(), $"'{file}'");
        return seed.Length == Ecvrf.SeedBytes
            ? EcvrfPrivateKey.ImportSeed(seed)
            : throw new CliException($"'{file}' has no key of {2 * Ecvrf.SeedBytes} hexadecimal digits. Create one: (umask 077; openssl "
                + $"rand -hex {Ecvrf.SeedBytes} > '{file}')");
    }

    private static Dictionary<string, EcvrfPublicKey> ReadKeys(string file)
    {
        Dictionary<string, EcvrfPublicKey> keys = [];
        foreach (string line in NamedFile.ReadText(file, MaxFileBytes).Split('\n', StringSplitOptions.TrimEntries)
            .Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length != 2 || keys.Count == PartitionPlacement.MaxMembers)
            {
                throw new CliException($"'{file}' is not a file of at most {PartitionPlacement.MaxMembers} published keys: each line has a "
                    + "name and a key, as printed by `estream placement key`.");
            }

            try
            {
                if (!keys.TryAdd(parts[0], EcvrfPublicKey.Import(BytesOf(parts[1], $"The key of '{parts[0]}'"))))
                {
                    throw new CliException($"'{file}' has two keys of '{parts[0]}'. Keep one.");
                }
            }
            catch (EstreamInvalidKeyException wrong)
            {
                throw new CliException($"'{file}', '{parts[0]}': {wrong.Message}");
            }
        }

        return keys.Count > 0 ? keys : throw new CliException($"'{file}' has no keys. Add the line that `estream placement key` prints.");
    }

    private static (PlacementRound Round, IReadOnlyList<PlacementTicket> Tickets) ReadTickets(string[] files)
    {
        PlacementRound? round = null;
        List<PlacementTicket> tickets = [];
        foreach (string file in files)
        {
            (PlacementRound next, PlacementTicket ticket) = ReadTicket(file);
            if (round is not null && !round.InputOf(0).AsSpan().SequenceEqual(next.InputOf(0)))
            {
                throw new CliException($"'{file}' is a ticket for another queue, epoch, seed or number of partitions. Name tickets of one "
                    + "placement.", ExitCode.No);
            }

            round = next;
            tickets.Add(ticket);
        }

        return (round!, tickets);
    }

    private static (PlacementRound Round, PlacementTicket Ticket) ReadTicket(string file)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(NamedFile.ReadText(file, MaxFileBytes), new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement root = json.RootElement;
            PlacementRound round = Checked(new PlacementRound(
                TextOf(root, "queue"), root.GetProperty("epoch").GetInt64(), root.GetProperty("partitions").GetInt32(),
                BytesOf(TextOf(root, "seed"), "seed")));
            ReadOnlyMemory<byte>[] proofs =
                [.. root.GetProperty("proofs").EnumerateArray().Select(proof => BytesOf(proof.GetString() ?? "", "A proof"))];
            return (round, new PlacementTicket(TextOf(root, "member"), proofs));
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliException($"'{file}' is not a ticket. Create it again with `estream placement ticket`.", ExitCode.No);
        }
    }

    private static string TextOf(JsonElement ticket, string property) => ticket.GetProperty(property).GetString() ?? "";

    private static PlacementRound Checked(PlacementRound round)
    {
        try
        {
            round.Validate();
            return round;
        }
        catch (ArgumentException wrong)
        {
            throw new CliException(wrong.Message);
        }
    }

    private static byte[] BytesOf(string digits, string what)
    {
        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw new CliException($"{what} is not a sequence of pairs of hexadecimal digits.");
        }
    }

    private static void WriteTicket(LineWriter lines, PlacementRound round, PlacementTicket ticket) => lines.WriteObject(json =>
    {
        json.WriteString("queue", round.Queue);
        json.WriteNumber("epoch", round.Epoch);
        json.WriteNumber("partitions", round.Partitions);
        json.WriteString("seed", Convert.ToHexStringLower(round.Seed.Span));
        json.WriteString("member", ticket.Member);
        json.WriteStartArray("proofs");
        foreach (ReadOnlyMemory<byte> proof in ticket.Proofs)
        {
            json.WriteStringValue(Convert.ToHexStringLower(proof.Span));
        }

        json.WriteEndArray();
    });

    private static void Write(LineWriter lines, PartitionPlacement placement, bool isJson)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("queue", placement.Round.Queue);
                json.WriteNumber("epoch", placement.Round.Epoch);
                json.WriteString("seed", Convert.ToHexStringLower(placement.Round.Seed.Span));
                json.WriteStartArray("owners");
                foreach (string owner in placement.Owners)
                {
                    json.WriteStringValue(owner);
                }

                json.WriteEndArray();
            });
            return;
        }

        lines.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"queue {placement.Round.Queue}, epoch {placement.Round.Epoch}, seed {Convert.ToHexStringLower(placement.Round.Seed.Span)}"));
        for (int partition = 0; partition < placement.Owners.Count; partition++)
        {
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{partition:D4} {placement.Owners[partition]}"));
        }
    }
}
