using System.CommandLine;
using Estream.Cli.Commands.Remote;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace pending`.</summary>
internal static class PendingCommand
{
    public static Command Create(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        registry.Required = false;
        Option<string?> to = MarketplaceConnection.ToOption("The address of a marketplace server instead of --registry, as https://HOST:PORT.");
        Option<string?> tokenFile = RemoteOptions.TokenFileOption();
        Option<bool> retry = new("--retry")
        {
            Description =
                "Decide again on each pending release, since a check that could not run before may run now. Use a timer for it.",
        };
        Option<string[]> schemas = MarketplaceOptions.Schemas();
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "pending",
            "Lists the pending releases of a registry, for which a check could not run or approvals are missing. Their packages are in the "
            + "registry folder under pending/ and are not served. With --retry, decides on each release again and publishes or rejects it.")
        {
            registry, to, tokenFile, retry, schemas, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            if ((parsed.GetValue(registry) is null) == (parsed.GetValue(to) is null))
            {
                throw new CliException("Give either --registry with a local registry, or --to with a marketplace server.");
            }

            if (parsed.GetValue(to) is { } address)
            {
                using MarketplaceConnection server = MarketplaceConnection.Open(address, parsed.GetValue(tokenFile));
                return parsed.GetValue(retry)
                    ? throw new CliException("--retry requires --registry. A marketplace server decides again by itself, each hour.")
                    : await RemoteModeration.ListAsync(context, said, server).ConfigureAwait(false);
            }

            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetValue(registry)!,
                parsed.GetRequiredValue(schemas)).ConfigureAwait(false);
            if (parsed.GetValue(retry))
            {
                int worst = ExitCode.Ok;
                foreach (PublishedRelease decided in await registered.DecideAgainAsync(null, context.Cancellation).ConfigureAwait(false))
                {
                    worst = Math.Max(worst, PublishCommand.Say(said, registered.Root.Registry, decided));
                }

                return worst;
            }

            IReadOnlyList<SignedRelease> waiting = registered.Pending();
            foreach (SignedRelease release in waiting)
            {
                said.Say($"{release.Manifest.Name}@{release.Manifest.Version}  {release.Statement.Package.Category}  "
                    + $"{release.Statement.Digest()}", line =>
                {
                    line.WriteString("name", release.Manifest.Name.ToString());
                    line.WriteString("version", release.Manifest.Version.ToString());
                    line.WriteString("category", release.Statement.Package.Category);
                    line.WriteString("release", release.Statement.Digest());
                });
            }

            return waiting.Count == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }
}
