using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>GET /api/schemas</c> returns the schema files of the host, which contain all schemas that are not built in, so that clients
/// can decode its messages.</summary>
internal static class SchemaEndpoint
{
    public static void MapSchemas(this IEndpointRouteBuilder app) => app.MapGet("/api/schemas", static (HttpContext context) =>
    {
        IReadOnlyList<EsfSchemaFile> files = [.. context.RequestServices.GetRequiredService<HostConfiguration>().Schemas.Files];
        return JsonBody.SendAsync(context, writer =>
        {
            writer.WriteStartArray();
            foreach (EsfSchemaFile file in files)
            {
                writer.WriteStartObject();
                writer.WriteString("name", Path.GetFileName(file.Name));
                writer.WriteString("text", file.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }).For(AccessRole.Viewer);
}
