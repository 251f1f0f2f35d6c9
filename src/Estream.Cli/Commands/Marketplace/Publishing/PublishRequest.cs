namespace Estream.Cli.Commands.Marketplace;

/// <summary>The options of `publish`. It has three modes, each with its own options.</summary>
internal sealed record PublishRequest(string? File, string[] Keys, string? Registry, string? Output, string? From, string? Root,
    string? Signed, string? BuildRef, string Cache)
{
    /// <summary>Checks that the options fit one of the three modes.</summary>
    /// <exception cref="CliException">The options do not fit a mode.</exception>
    public void Require()
    {
        if (Signed is not null)
        {
            Refuse(File is not null || Keys.Length > 0 || BuildRef is not null || Output is not null,
                "what is handed in with --signed is signed already: leave FILE, --key, --build-ref and --out out");
        }
        else
        {
            Refuse(File is null, "name a package to publish, or with --signed a folder that its author has signed");
            Refuse(Keys.Length == 0, "a release is signed: name the key of an owner of its namespace with --key");
        }

        if (Output is not null)
        {
            Refuse(Registry is not null,
                "--out is for who does not run the registry: leave --registry out, and say with --from where it is read");
            Refuse(From is null || Root is null,
                "--out needs --from ADDRESS and --root FILE: what is signed names the release before it, and that says the registry");
        }
        else
        {
            Refuse(From is not null || Root is not null,
                "--from and --root are for --out: a registry that is run here is named with --registry");
            Refuse(Registry is null, "name the registry that is run here with --registry, or a folder for the signed release with --out");
        }
    }

    private static void Refuse(bool isWrong, string why)
    {
        if (isWrong)
        {
            throw new CliException(why);
        }
    }
}
