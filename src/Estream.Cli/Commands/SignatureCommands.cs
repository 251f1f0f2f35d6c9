using System.CommandLine;
using System.Text;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Crypto;

namespace Estream.Cli.Commands;

/// <summary>`estream sign` and `estream verify`: sign files and verify signatures.</summary>
internal static class SignatureCommands
{
    /// <summary>The maximum file size. Files are read into memory completely.</summary>
    private const int MaxFileBytes = 1 << 30;

    public static Command CreateSign(CliContext context)
    {
        Argument<string> file = new("FILE") { Description = "The file to sign, at most 1 GiB." };
        Option<string> key = SharedOptions.Required("--key", "KEY", "The private key file, created by 'estream key new'.");
        Option<string> output =
            SharedOptions.Required("--out", "SIG", "The output file for the signature (4,627 bytes); an existing file is overwritten.");
        Option<string?> purpose = Context();
        Command command =
            new("sign", "Signs a file with an ML-DSA-87 key. Each signature of the same file is different. Example: estream sign data.bin "
                + "--key owner.key --out data.sig") { file, key, output, purpose };
        command.SetAction(parsed =>
        {
            byte[] data = Read(parsed.GetRequiredValue(file)), about = Encode(parsed.GetValue(purpose));
            using MlDsa87PrivateKey signer = MlDsa87PrivateKey.Load(parsed.GetRequiredValue(key));
            byte[] signature = new byte[MlDsa87.SignatureBytes];
            signer.Sign(data, about, signature);
            File.WriteAllBytes(parsed.GetRequiredValue(output), signature);
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateVerify(CliContext context)
    {
        Argument<string> file = new("FILE") { Description = "The signed file, at most 1 GiB." };
        Option<string> key = SharedOptions.Required("--key", "KEY.pub", "The public key file, created by 'estream key new' or in PEM.");
        Option<string> signature = SharedOptions.Required("--sig", "SIG", "The signature file.");
        Option<string?> purpose = Context();
        Command command = new("verify",
            "Verifies the signature of a file. Exit code 1 if it does not match the file, key and context. Example: estream verify "
            + "data.bin --key owner.key.pub --sig data.sig") { file, key, signature,
                purpose };
        command.SetAction(parsed =>
        {
            byte[] data = Read(parsed.GetRequiredValue(file)), about = Encode(parsed.GetValue(purpose));
            MlDsa87PublicKey verifier = MlDsa87PublicKey.Load(parsed.GetRequiredValue(key));
            bool isGenuine = verifier.Verify(data, about, Read(parsed.GetRequiredValue(signature)));
            using LineWriter lines = new(context.Output);
            lines.WriteLine(isGenuine
                ? "good: the signature matches this file, key and context" : "BAD: the signature does not match this file, key and "
                    + "context");
            return isGenuine ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Option<string?> Context() => new("--context")
    {
        Description = "The purpose of the signature, at most 255 bytes of UTF-8. Verification requires the same context. Default: empty.",
        HelpName = "TEXT",
    };

    private static byte[] Encode(string? text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
        return bytes.Length <= MlDsa87.MaxContextBytes
            ? bytes
            : throw new CliException($"--context has {bytes.Length} bytes of UTF-8; the maximum is {MlDsa87.MaxContextBytes}.");
    }

    private static byte[] Read(string path) =>
        NamedFile.Read(path, MaxFileBytes)
            ?? throw new CliException($"'{path}' is longer than the maximum of {MaxFileBytes} bytes. Sign a hash of the file instead.");
}
