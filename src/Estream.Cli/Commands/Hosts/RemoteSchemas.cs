using System.Net;
using System.Text.Json;
using Estream.Esf;

namespace Estream.Cli.Commands.Hosts;

/// <summary>The schemas of a host.</summary>
internal static class RemoteSchemas
{
    /// <summary>Returns the built-in schemas and those of the host.</summary>
    /// <exception cref="CliException">The host cannot be reached or refuses the request.</exception>
    /// <exception cref="EsfSchemaException">This version of the command line cannot read a schema of the host.</exception>
    public static async Task<EsfSchemaSet> ReadAsync(HostConnection host, CancellationToken cancellation)
    {
        (_, JsonDocument answer) =
            await host.AskAsync(HttpMethod.Get, "api/schemas", HttpStatusCode.OK, cancellation).ConfigureAwait(false);
        using (answer)
        {
            return EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse([.. answer.RootElement.EnumerateArray().Select(file =>
                new EsfSchemaFile(file.GetProperty("name").GetString()!, file.GetProperty("text").GetString()!))]));
        }
    }
}
