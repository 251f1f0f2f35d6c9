namespace Estream.Cli.Commands.Marketplace;

/// <summary>The options of `publish`, which has three modes: sign and publish (FILE, --key and --registry), only sign (FILE, --key, --out,
/// --from and --root), and publish a signed release (--signed and --registry).</summary>
internal sealed record PublishRequest(string? File, string[] Keys, string? Registry, string? Output, string? From, string? Root,
    string? Signed, string? BuildRef, string Cache)
{
    /// <summary>The address of a marketplace server to submit to; null for a local registry.</summary>
    public string? To { get; init; }

    /// <summary>The file with the token for the server.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Checks that the options fit one of the three modes.</summary>
    /// <exception cref="CliException">The options do not fit a mode.</exception>
    public void Require()
    {
        if (Signed is not null)
        {
            Refuse(File is not null || Keys.Length > 0 || BuildRef is not null || Output is not null,
                "--signed cannot be combined with FILE, --key, --build-ref or --out, because the release is already signed.");
        }
        else
        {
            Refuse(File is null, "Give either FILE with the package to publish, or --signed with a folder that its author has signed.");
            Refuse(Keys.Length == 0, "A release must be signed. Give the key of an owner of its namespace with --key.");
        }

        if (To is not null)
        {
            Refuse(Registry is not null || Output is not null || From is not null,
                "--to cannot be combined with --registry, --out or --from: the server publishes the release.");
            return;
        }

        Refuse(TokenFile is not null, "--token-file requires --to with a marketplace server.");
        if (Output is not null)
        {
            Refuse(Registry is not null,
                "--out cannot be combined with --registry. Give the address of the registry with --from.");
            Refuse(From is null || Root is null,
                "--out requires --from ADDRESS and --root FILE, to read the previous release from the registry.");
        }
        else
        {
            Refuse(From is not null || Root is not null,
                "--from and --root require --out. Name a local registry with --registry.");
            Refuse(Registry is null,
                "Give --registry with a local registry, --to with a marketplace server, or --out with a folder for the signed release.");
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
