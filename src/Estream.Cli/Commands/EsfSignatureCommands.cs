using System.CommandLine;
using System.Globalization;
using Estream.Cli.Codec;
using Estream.Crypto;
using Estream.Esf;

namespace Estream.Cli.Commands;

/// <summary>`estream esf sign` and `estream esf verify`: sign messages in their signature field, and verify them.</summary>
internal static class EsfSignatureCommands
{
    public static Command CreateSign(CliContext context)
    {
        Option<string[]> files = EsfCommand.SchemaFiles();
        Option<Framing> framing = EsfCommand.FramingOption();
        Option<string> key = SharedOptions.Required("--key", "KEY", "The private key file, created by 'estream key new'.");
        Command command = new("sign",
            "Reads ESF messages from standard input, signs each in its pq_signature field, and writes the signed messages to standard "
            + "output. The field is added if it is absent. Exit code 1 if a message cannot be signed. Example: estream esf sign --schema "
            + "payments.esf.yaml --key sender.key < payment.esf > signed.esf")
        {
            files, key, framing,
        };
        command.SetAction(async (parsed, _) =>
        {
            EsfCommand.RefuseTerminal(context);
            EsfSchemaSet known = EsfCommand.Load(context, parsed.GetRequiredValue(files));
            using MlDsa87PrivateKey signer = MlDsa87PrivateKey.Load(parsed.GetRequiredValue(key));
            SignRun run = new(context, known, parsed.GetValue(framing), signer);
            return await EsfCommand.Guard(run.RunAsync, () => run.Written).ConfigureAwait(false);
        });
        return command;
    }

    public static Command CreateVerify(CliContext context)
    {
        Option<string[]> files = EsfCommand.SchemaFiles();
        Option<Framing> framing = EsfCommand.FramingOption();
        Option<string?> key = new("--key")
        {
            Description = "The public key file of the sender, created by 'estream key new' or in PEM.",
            HelpName = "KEY.pub",
        };
        Option<string?> trusted = new("--trusted")
        {
            Description = "A file of trusted keys, as for the setting Queues:NAME:RequireSignature of a host.",
            HelpName = "FILE",
        };
        Option<string?> at = new("--at")
        {
            Description = "The time (UTC) at which a key must be trusted, such as 2026-11-01T00:00:00Z. Default: now.",
            HelpName = "TIME",
        };
        Command command = new("verify",
            "Reads ESF messages from standard input and verifies the signature of each. Exit code 1 if a signature is not valid. Example: "
            + "estream esf verify --schema payments.esf.yaml --key sender.key.pub < signed.esf")
        {
            files, key, trusted, at, framing,
        };
        command.SetAction(async (parsed, _) =>
        {
            EsfTrustedKeys keys = (parsed.GetValue(key), parsed.GetValue(trusted)) switch
            {
                (string one, null) => new EsfTrustedKeys([new EsfTrustedKey("--key", MlDsa87PublicKey.Load(one))]),
                (null, string many) => EsfTrustedKeys.Load(many),
                _ => throw new CliException("Name the keys of the senders with --key or --trusted, not with both."),
            };
            VerifyRun run = new(context, EsfCommand.Load(context, parsed.GetRequiredValue(files)), parsed.GetValue(framing), keys,
                TimeOf(context, parsed.GetValue(at)));
            return await EsfCommand.Guard(run.RunAsync, () => run.Written).ConfigureAwait(false);
        });
        return command;
    }

    private static long TimeOf(CliContext context, string? text) => text is null ? context.Clock.UtcNanos
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick
        : throw new CliException($"--at is '{text}'. Write a time such as 2026-11-01T00:00:00Z.");
}
