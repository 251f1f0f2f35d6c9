using System.CommandLine;
using System.Text;
using Estream.Cli.Commands.Hosts;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Crypto;
using Estream.Queue;
using Estream.Witness;

namespace Estream.Cli.Commands;

/// <summary>`estream witness prove` and `estream witness verify`: create and verify proofs from the attestations of a queue, or of the map
/// whose change feed the queue is.</summary>
internal static class WitnessCommand
{
    // A message as large as a segment, plus the rest of the proof.
    private const int MaxProofBytes = (1 << 30) + (1 << 20);

    public static Command Create(CliContext context) =>
        new("witness",
            "Creates and verifies proofs of the content of witnessed queues. Verifying needs only the public key.") { CreateProve(context),
                CreateVerify(context) };

    private static Command CreateProve(CliContext context)
    {
        Argument<string> queue = SharedOptions.Queue();
        Option<long?> sequence = new("--sequence") { Description = "The sequence number of the message to prove.", HelpName = "N" };
        Option<long?> from = new("--from")
        {
            Description = "The number of an attestation, starting at 0: prove that a later attestation extends it.",
            HelpName = "N",
        };
        Option<long?> to = new("--to")
        {
            Description = "The number of the later attestation, or with --map-key of the attestation whose state is proven. Default: the "
                + "last attestation.",
            HelpName = "N",
        };
        Option<string?> mapKey = new("--map-key")
        {
            Description = "If the queue is the change feed of a map: a map key. Prove its value, or that it was absent.",
            HelpName = "TEXT",
        };
        Option<string?> mapKeyHex = new("--map-key-hex")
        {
            Description = "Like --map-key, for a binary key: its bytes in the feed, in hexadecimal.",
            HelpName = "HEX",
        };
        Option<string> output = new("--out")
        {
            Description = "The output file for the proof; an existing file is overwritten.",
            HelpName = "PROOF",
            Required = true,
        };
        Option<string[]> keys = Keys();
        Option<string?> witness = Witness();
        Command command = new("prove",
            "Creates a proof of a message, of the consistency of two attestations, or of the value of a map key, from the data folder "
            + "or a host. Exit code 1 if the queue does not match its attestations. Example: estream witness prove orders --sequence 4711 "
            + "--key witness.key.pub --out message.proof")
        {
            queue, sequence, from, to, mapKey, mapKeyHex, output, keys, witness,
        };
        MasterKeyOptions masterKeys = new(command);
        HostConnectionOptions host = new(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = new ProofRequest(parsed.GetValue(sequence), parsed.GetValue(from), parsed.GetValue(to),
                MapKey(parsed.GetValue(mapKey), parsed.GetValue(mapKeyHex)));
            wanted.Validate();
            IVerifier[] trusted = Load(parsed.GetRequiredValue(keys));
            if (host.IsGiven(parsed))
            {
                using HostConnection connection = host.Open(parsed, context);
                return await ProveOnHostAsync(
                    context, connection, parsed.GetRequiredValue(queue), wanted, trusted, parsed.GetRequiredValue(output), cancellation)
                    .ConfigureAwait(false);
            }

            using QueueKeyRing? ring = masterKeys.Read(parsed);
            using Logs logs = new(context, parsed.GetRequiredValue(queue), parsed.GetValue(witness), ring);
            (byte[] proof, string made) = Prove(logs, trusted, wanted);
            File.WriteAllBytes(parsed.GetRequiredValue(output), proof);
            using LineWriter lines = new(context.Output);
            lines.WriteLine(made);
            return ExitCode.Ok;
        });
        return command;
    }

    // The proof of a host is written only if the given keys verify it.
    private static async Task<int> ProveOnHostAsync(CliContext context, HostConnection host, string queue, ProofRequest wanted,
        IVerifier[] trusted, string output, CancellationToken cancellation)
    {
        if (wanted.MapKey is not null)
        {
            throw new CliException("--map-key reads the data folder of this machine. Leave out --map-key or --host.");
        }

        byte[] proof = await RemoteProof.DownloadAsync(host, queue, wanted.Sequence, wanted.From, wanted.To, cancellation)
            .ConfigureAwait(false);
        (bool isGood, string found) = VerifyProof(proof, trusted, queueId: null, payload: null, execution: null);
        if (isGood)
        {
            await File.WriteAllBytesAsync(output, proof, cancellation).ConfigureAwait(false);
        }

        using LineWriter lines = new(context.Output);
        lines.WriteLine(found);
        return isGood ? ExitCode.Ok : ExitCode.No;
    }

    private static Command CreateVerify(CliContext context)
    {
        Argument<string?> proof = new("PROOF")
        {
            Description = "A proof created by 'estream witness prove'.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> queue = new("--queue")
        {
            Description = "Instead of a proof, verify every message of this queue against its attestations.",
            HelpName = "QUEUE",
        };
        Option<string?> payload = new("--payload")
        {
            Description = "The output file for the proven message, or the proven value of a map key.",
            HelpName = "FILE",
        };
        Option<string[]> keys = Keys();
        Option<string?> witness = Witness();
        Option<string?> queueId = new("--queue-id")
        {
            Description =
                "The expected id of the queue, as printed by 'estream witness prove'. Attestations of other queues are rejected, even with "
                + "a trusted key.",
            HelpName = "HEX",
        };
        Option<string?> since = new("--since")
        {
            Description = "With --queue: an earlier attestation or proof, stored elsewhere. Fails unless the queue extends it.",
            HelpName = "FILE",
        };
        Option<bool> givenUp = GivenUp();
        ExecutionOptions execution = new();
        Command command =
            new("verify", "Verifies a proof, or with --queue every message of a queue. Exit code 1 if the verification fails. Example: "
                + "estream witness verify message.proof --key witness.key.pub")
        {
            proof, queue, payload, keys, queueId, witness, since, givenUp, execution.Circuit, execution.Input, execution.Output,
        };
        MasterKeyOptions masterKeys = new(command);
        command.SetAction(parsed =>
        {
            IVerifier[] trusted = Load(parsed.GetRequiredValue(keys));
            long? expected = parsed.GetValue(queueId) is { } id ? QueueId(id) : null;
            using LineWriter lines = new(context.Output);
            if (parsed.GetValue(queue) is null && (parsed.GetValue(since) is not null || parsed.GetValue(givenUp)))
            {
                throw new CliException("--since and --given-up require --queue.");
            }

            switch (parsed.GetValue(proof), parsed.GetValue(queue))
            {
                case ({ } path, null):
                    (bool isGood, string found) = VerifyProof(
                        Read(path), trusted, expected, parsed.GetValue(payload), ExecutionCheck.Of(execution, parsed));
                    lines.WriteLine(found);
                    return isGood ? ExitCode.Ok : ExitCode.No;
                case (null, { } name):
                    using (QueueKeyRing? ring = masterKeys.Read(parsed))
                    using (Logs logs = new(context, name, parsed.GetValue(witness), ring))
                    {
                        return VerifyQueue(context, lines, logs, name, expected, parsed.GetValue(since), trusted, parsed.GetValue(givenUp));
                    }

                default:
                    throw new CliException("Give either the file of a proof, or --queue.");
            }
        });
        return command;
    }

    private static Option<bool> GivenUp() =>
        new("--given-up")
        {
            Description =
                "With --queue: accept messages deleted by retention, and neighboring messages that can no longer be proven, with exit code "
                + "0.",
        };

    private static int VerifyQueue(CliContext context, LineWriter lines, Logs logs, string name, long? expected, string? since,
        IVerifier[] trusted, bool allowsGivenUp)
    {
        using ProgressLine? progress = ProgressLine.Start(context, $"verifying {name}");
        if (expected is { } other && other != logs.Queue.Id)
        {
            lines.WriteLine($"BAD: '{name}' is queue {logs.Queue.Id:x16}, not {other:x16}");
            return ExitCode.No;
        }

        WitnessVerification whole = since is { } kept
            ? WitnessVerifier.Verify(logs.Queue, logs.Witness, Kept(kept), trusted)
            : WitnessVerifier.Verify(logs.Queue, logs.Witness, trusted);
        return Report(lines, whole, allowsGivenUp);
    }

    private static (byte[] Proof, string Made) Prove(Logs logs, IVerifier[] keys, ProofRequest wanted)
    {
        try
        {
            using WitnessProver prover = new(logs.Queue, logs.Witness, keys);
            if (wanted.MapKey is { } key)
            {
                StateProof state = prover.ProveState(key, wanted.To ?? prover.LastNumber);
                return (state.Encoded.ToArray(), Describe(state));
            }

            if (wanted.Sequence is { } number)
            {
                MessageProof message = prover.ProveMessage(number);
                return (message.Encoded.ToArray(), $"message {number} is leaf {message.Index} of {Describe(message.Attestation.Head)}");
            }

            ConsistencyProof proof = prover.ProveConsistency(wanted.From!.Value, wanted.To ?? prover.LastNumber);
            return (proof.Encoded.ToArray(), $"{Describe(proof.Later.Head)} begins with {Describe(proof.Earlier.Head)}");
        }
        catch (ArgumentOutOfRangeException error)
        {
            // .NET appends " (Parameter 'sequence')", which no option has.
            int suffix = error.Message.LastIndexOf(" (Parameter '", StringComparison.Ordinal);
            string reason = suffix < 0 ? error.Message : error.Message[..suffix];
            throw new CliException(reason.ReplaceLineEndings(" "), ExitCode.No);
        }
        catch (EstreamWitnessException error)
        {
            throw new CliException(error.Message, ExitCode.No);
        }
    }

    private static (bool IsGood, string Found) VerifyProof(
        byte[] bytes, IVerifier[] keys, long? queueId, string? payload, ExecutionCheck? execution)
    {
        if (execution is not null && (ConsistencyProof.IsOne(bytes) || StateProof.IsOne(bytes)))
        {
            throw new CliException("--circuit needs the proof of a message.");
        }

        if (ConsistencyProof.IsOne(bytes))
        {
            return ConsistencyProof.TryParse(bytes, out ConsistencyProof? both, out ProofFault wrong)
                ? Answer(both.Verify(queueId ?? both.Later.Head.OriginId, keys), queueId,
                    $"{Describe(both.Later.Head)} begins with {Describe(both.Earlier.Head)}")
                : (false, $"BAD: the file is not a valid proof ({wrong})");
        }

        if (StateProof.IsOne(bytes))
        {
            return VerifyState(bytes, keys, queueId, payload);
        }

        if (!MessageProof.TryParse(bytes, out MessageProof? message, out ProofFault fault))
        {
            return (false, $"BAD: the file is not a valid proof ({fault})");
        }

        bool isGood = message.Verify(queueId ?? message.Attestation.Head.OriginId, keys);
        if (isGood && payload is not null)
        {
            File.WriteAllBytes(payload, message.Payload);
        }

        return isGood && execution is not null ? execution.Verify(message) : Answer(isGood, queueId,
            $"message {message.Sequence} of {Time(message.Time)}, {message.Payload.Length} bytes, is leaf {message.Index} of "
            + $"{Describe(message.Attestation.Head)}");
    }

    private static (bool IsGood, string Found) VerifyState(byte[] bytes, IVerifier[] keys, long? queueId, string? payload)
    {
        if (!StateProof.TryParse(bytes, out StateProof? state, out ProofFault fault))
        {
            return (false, $"BAD: the file is not a valid proof ({fault})");
        }

        StateAnswer answer = state.Verify(queueId ?? state.Attestation.Head.OriginId, keys);
        if (answer == StateAnswer.Held && payload is not null)
        {
            File.WriteAllBytes(payload, state.Value);
        }

        return Answer(answer != StateAnswer.Unproven, queueId, Describe(state));
    }

    private static (bool IsGood, string Found) Answer(bool isGood, long? queueId, string what) =>
        (isGood, isGood
            ? $"good: {what}" : $"BAD: these keys do not prove {(queueId is { } id ? $"for queue {id:x16} " : "")}that {what}");

    private static int Report(LineWriter lines, WitnessVerification found, bool isGivenUpGood)
    {
        bool isGood = found.IsWhole || (isGivenUpGood && found.IsWholeButGivenUp);
        string counted = $"{found.Messages} messages in {found.Attestations} attestations"
            + (found.Unchecked > 0 ? $"; {found.Unchecked} attestations have no message left" : "")
            + (found.Unproven > 0 ? $"; {found.Unproven} messages cannot be proven, because neighboring messages were deleted" : "")
            + (found.Unattested > 0 ? $"; {found.Unattested} later messages are not attested" : "");
        lines.WriteLine(
            found.Damage is { } damage ? $"BAD: {damage.Reason} (good before it: {counted})"
            : isGood ? $"good: {counted}"
            : found.Attestations == 0 ? $"NOTHING IS ATTESTED: {counted}"
            : $"INCOMPLETE: {counted}. If retention deleted the messages, use --given-up.");
        if (found.Last is { } last)
        {
            lines.WriteLine($"last: {Describe(last)}");
        }

        return isGood ? ExitCode.Ok : ExitCode.No;
    }

    private static Attestation Kept(string path)
    {
        byte[] bytes = Read(path);
        return Attestation.TryParse(bytes, out Attestation? attestation, out AttestationFault fault) ? attestation
            : MessageProof.TryParse(bytes, out MessageProof? message, out _) ? message.Attestation
            : ConsistencyProof.TryParse(bytes, out ConsistencyProof? both, out _) ? both.Later
            : StateProof.TryParse(bytes, out StateProof? state, out _) ? state.Attestation
            : throw new CliException($"'{path}' is neither an attestation ({fault}) nor a proof that contains one.", ExitCode.No);
    }

    private static string Describe(StateProof state) => state.IsHeld
        ? $"key {Text(state.Key)} held value {Text(state.Value)}, {state.Value.Length} bytes{Ends(state)}, in the state of "
            + $"{Describe(state.Attestation.Head)}"
        : $"key {Text(state.Key)} was absent in the state of {Describe(state.Attestation.Head)}";

    private static string Ends(StateProof state) =>
        state.ExpiresAt == 0
            ? ""
            : $", which {(state.ExpiresAt <= state.Attestation.Head.Time ? "expired" : "expires")} {Time(state.ExpiresAt)}";

    // Untrusted bytes are shown as text only if all of them are printable ASCII.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        const int Most = 64;
        ReadOnlySpan<byte> shown = bytes[..Math.Min(bytes.Length, Most)];
        string more = bytes.Length > Most ? "..." : "";
        return shown.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"0x{Convert.ToHexStringLower(shown)}{more}"
            : $"'{Encoding.ASCII.GetString(shown)}'{more}";
    }

    private static string Describe(in TreeHead head) =>
        $"the attestation of {head.TreeSize} messages of queue {head.OriginId:x16}, up to number {head.Sequence}, signed {Time(head.Time)}";

    private static string Time(long nanos) =>
        (DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(nanos / TimeSpan.NanosecondsPerTick)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
            System.Globalization.CultureInfo.InvariantCulture);

    private static Option<string[]> Keys() => new("--key")
    {
        Description = "A trusted public key file, created by 'estream key new' or in PEM. May be repeated.",
        HelpName = "KEY.pub",
        Required = true,
    };

    private static Option<string?> Witness() => new("--witness")
    {
        Description =
            $"The queue with the attestations. Default: the name of the queue plus {QueueWitness.DirectoryEnding}.",
        HelpName = "QUEUE",
    };

    private static long QueueId(string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture,
            out long id)
            ? id
            : throw new CliException($"'{text}' is not a valid queue id. A queue id has at most 16 hexadecimal digits.");

    private static byte[]? MapKey(string? text, string? hex)
    {
        if (text is not null && hex is not null)
        {
            throw new CliException("Give either --map-key or --map-key-hex.");
        }

        try
        {
            return text is not null ? Encoding.UTF8.GetBytes(text) : hex is not null ? Convert.FromHexString(hex) : null;
        }
        catch (FormatException)
        {
            throw new CliException($"--map-key-hex '{hex}' is not valid. Write two hexadecimal digits per byte.");
        }
    }

    private static IVerifier[] Load(string[] files) => [.. files.Select(MlDsa87PublicKey.Load)];

    private static byte[] Read(string path) =>
        NamedFile.Read(path, MaxProofBytes)
            ?? throw new CliException($"'{path}' is longer than the maximum proof of {MaxProofBytes} bytes. Check the path.");

    /// <summary>The subject of a requested proof.</summary>
    private sealed record ProofRequest(long? Sequence, long? From, long? To, byte[]? MapKey)
    {
        public void Validate()
        {
            int kinds = (Sequence is null ? 0 : 1) + (From is null ? 0 : 1) + (MapKey is null ? 0 : 1);
            if (kinds != 1 || (To is not null && Sequence is not null))
            {
                throw new CliException(
                    "Give one of --sequence (message), --from (two attestations) and --map-key or --map-key-hex (map value). --to can be "
                    + "added to all but --sequence.");
            }
        }
    }

    /// <summary>A queue and its attestations, open for reading.</summary>
    private sealed class Logs : IDisposable
    {
        public Logs(CliContext context, string queue, string? witness, QueueKeyRing? keys)
        {
            var folder = new DataFolder(context.DataFolder);
            string directory = folder.Resolve(DataFolder.Queues, queue);
            string beside = witness is null
                ? directory.TrimEnd('/') + QueueWitness.DirectoryEnding
                : folder.Resolve(DataFolder.Queues, witness);
            if (!Directory.Exists(beside))
            {
                throw new CliException($"There are no attestations of '{queue}' in '{beside}'. Name their queue with --witness.");
            }

            Queue = EstreamQueue.OpenReadOnly(directory, new QueueOptions { Keys = keys });
            try
            {
                Witness = EstreamQueue.OpenReadOnly(beside, new QueueOptions { Keys = keys });
            }
            catch
            {
                Queue.Dispose();
                throw;
            }
        }

        public EstreamQueue Queue { get; }

        public EstreamQueue Witness { get; }

        public void Dispose()
        {
            Queue.Dispose();
            Witness.Dispose();
        }
    }
}
