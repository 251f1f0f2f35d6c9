using System.Text.Json;
using Estream.Crypto;
using Estream.Esf;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/schemas</c> returns the schema files of the host, which contain all schemas that are not built in, so that clients can
/// decode its messages. <c>GET /api/schemas?view=list</c> lists all known schemas, and <c>GET /api/schemas/{name}</c> describes the fields
/// of one. The name is qualified, or plain if it is unique.
/// </summary>
internal static class SchemaEndpoint
{
    public static void MapSchemas(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/schemas", ListAsync).For(AccessRole.Viewer);
        app.MapGet("/api/schemas/{name}", DescribeAsync).For(AccessRole.Viewer);
    }

    private static Task ListAsync(HttpContext context)
    {
        HostConfiguration plan = context.RequestServices.GetRequiredService<HostConfiguration>();
        return context.Request.Query["view"].ToString() switch
        {
            "" => JsonBody.SendAsync(context, writer => WriteFiles(writer, [.. plan.Schemas.Files])),
            "list" => JsonBody.SendAsync(context, writer => WriteList(writer, plan)),
            _ => Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "view must be list, or be omitted for the schema files."),
        };
    }

    private static Task DescribeAsync(HttpContext context, string name)
    {
        HostConfiguration plan = context.RequestServices.GetRequiredService<HostConfiguration>();
        return plan.Schemas.TryGet(name, out EsfSchema? schema)
            ? JsonBody.SendAsync(context, writer =>
                SchemaDescription.WriteDetail(writer, schema, new SchemaQueues(plan).Of(schema)))
            : Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                "No schema has this name, or several schemas have it. /api/schemas?view=list lists all schemas with their namespaces.");
    }

    private static void WriteFiles(Utf8JsonWriter writer, EsfSchemaFile[] files)
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
    }

    private static void WriteList(Utf8JsonWriter writer, HostConfiguration plan)
    {
        SchemaQueues queues = new(plan);
        writer.WriteStartObject();
        writer.WriteStartArray("schemas");
        foreach (EsfSchema schema in plan.Schemas.Schemas)
        {
            writer.WriteStartObject();
            SchemaDescription.WriteSummary(writer, schema, queues.Of(schema));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
