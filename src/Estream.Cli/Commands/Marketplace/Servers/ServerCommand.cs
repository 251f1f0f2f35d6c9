using System.CommandLine;
using System.Text.Json;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace server`: operates a running marketplace server.</summary>
internal static class ServerCommand
{
    public static Command Create(CliContext context) =>
        new("server", "Operates a running marketplace server.") { CreateReindex(context) };

    // The running server does the work, because it alone writes the database and holds the lock of the registry.
    private static Command CreateReindex(CliContext context)
    {
        ServerOptions server = new("The address of the marketplace server, as https://HOST:PORT.");
        server.To.Required = true;
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "reindex",
            "Has the server rebuild its catalogue from the folder of its registry. The server answers from the old catalogue until "
            + "the new one is complete. Requires a token with the grant governance.") { server.To, server.TokenFile, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            using MarketplaceConnection connection = server.Open(parsed)!;
            (_, JsonDocument? answer) = await connection.SendAsync(HttpMethod.Post, MarketplaceConnection.Admin + "/reindex", null,
                cancellation).ConfigureAwait(false);
            using (answer)
            {
                int items = answer!.RootElement.GetProperty("items").GetInt32();
                said.Say($"The catalogue of {connection.Address} has {items} {(items == 1 ? "item" : "items")}.",
                    line => line.WriteNumber("items", items));
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
