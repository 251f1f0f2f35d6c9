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
        Option<string> key = SharedOptions.Required("--key", "KEY", "The private key's file.");
        Option<string> output =
            SharedOptions.Required("--out", "SIG", "Becomes the signature: 4,627 bytes. Overwritten where it is there.");
        Option<string?> purpose = Context();
        Command command =
            new("sign", "Signs a file with an ML-DSA-87 key. Two signatures of the same file differ.") { file, key, output, purpose };
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
        Argument<string> file = new("FILE") { Description = "The file that is said to be signed, at most 1 GiB." };
        Option<string> key = SharedOptions.Required("--key", "KEY.pub", "The public key's file, as 'estream key new' makes it, or in PEM.");
        Option<string> signature = SharedOptions.Required("--sig", "SIG", "The signature.");
        Option<string?> purpose = Context();
        Command command = new("verify",
            "Says whether a signature is of a file, a key and a context: exit code 0, or 1 where it is not.") { file, key, signature,
                purpose };
        command.SetAction(parsed =>
        {
            byte[] data = Read(parsed.GetRequiredValue(file)), about = Encode(parsed.GetValue(purpose));
            MlDsa87PublicKey verifier = MlDsa87PublicKey.Load(parsed.GetRequiredValue(key));
            bool isGenuine = verifier.Verify(data, about, Read(parsed.GetRequiredValue(signature)));
            using LineWriter lines = new(context.Output);
            lines.WriteLine(isGenuine
                ? "good: the signature is of this file, key and context" : "BAD: the signature is not of this file, key and context");
            return isGenuine ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static Option<string?> Context() => new("--context")
    {
        Description = "What it is signed for, at most 255 bytes of UTF-8; verifying must name the same. None by default.",
        HelpName = "TEXT",
    };

    private static byte[] Encode(string? text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
        return bytes.Length <= MlDsa87.MaxContextBytes
            ? bytes
            : throw new CliException($"--context has {bytes.Length} bytes of UTF-8; at most {MlDsa87.MaxContextBytes} can be signed for.");
    }

    private static byte[] Read(string path) =>
        NamedFile.Read(path, MaxFileBytes)
            ?? throw new CliException($"'{path}' has more than {MaxFileBytes} bytes, which is the most that is signed. Sign a hash of it.");
}
