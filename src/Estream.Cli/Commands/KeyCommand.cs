using System.CommandLine;
using Estream.Cli.Output;
using Estream.Crypto;

namespace Estream.Cli.Commands;

/// <summary>`estream key`: keys for signatures.</summary>
internal static class KeyCommand
{
    private const string PublicEnding = ".pub";

    public static Command Create(CliContext context) =>
        new("key", "Makes keys for signatures.") { CreateNew(context) };

    private static Command CreateNew(CliContext context)
    {
        Option<string> output = new("--out")
        {
            Description = "The private key's file, which only its owner may use; the public key's is beside it, with '.pub' behind its name. Neither may be there yet.",
            HelpName = "KEY",
            Required = true,
        };
        Command command = new("new", "Makes a new ML-DSA-87 key: KEY (PKCS#8 in PEM) and KEY.pub.") { output };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(output);
            if (File.Exists(path + PublicEnding))
            {
                throw new CliException($"The key file '{path}{PublicEnding}' is there already, and keys are never overwritten. Choose another name.");
            }

            using MlDsa87PrivateKey key = MlDsa87PrivateKey.Generate();
            key.Save(path);
            key.PublicKey.Save(path + PublicEnding);
            using LineWriter lines = new(context.Output);
            lines.WriteLine($"{MlDsa87.Name} key: {path} (keep it to yourself) and {path}{PublicEnding} (give it away)");
            return ExitCode.Ok;
        });
        return command;
    }
}
