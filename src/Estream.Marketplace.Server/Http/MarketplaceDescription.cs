using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Estream.Marketplace.Server.Http;

/// <summary>Completes the generated description (OpenAPI 3.1) of the marketplace.</summary>
internal static class MarketplaceDescription
{
    private const string Scheme = "token";

    /// <summary>Adds the generator of the description.</summary>
    public static IServiceCollection AddMarketplaceDescription(this IServiceCollection services) =>
        services.AddOpenApi(MarketplaceEndpoints.Group, Configure);

    /// <summary>Maps the description to <c>/api/v1/marketplace/openapi.json</c>.</summary>
    public static IEndpointConventionBuilder MapMarketplaceDescription(this IEndpointRouteBuilder app) =>
        app.MapOpenApi("/api/v1/{documentName}/openapi.json");

    private static void Configure(OpenApiOptions options)
    {
        // Other endpoints of the host have no group.
        options.ShouldInclude = description => description.GroupName == MarketplaceEndpoints.Group;
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Estream marketplace", Version = "1" };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (operation.OperationId == "SubmitItem")
            {
                DescribeForm(operation);
            }
            else if (operation.OperationId is "ApproveQueueItem" or "RejectQueueItem" or "FlagQueueItem")
            {
                DescribeDecision(operation);
            }

            return Task.CompletedTask;
        });
    }

    private static void DescribeForm(OpenApiOperation operation)
    {
        operation.RequestBody = Body("multipart/form-data", new Dictionary<string, IOpenApiSchema>
        {
            ["package"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "A signed package." },
            ["entry"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "The signed log entry." },
            ["package_sha256"] = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[0-9a-f]{64}$" },
        }, "package", "entry");
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = "Idempotency-Key",
            In = ParameterLocation.Header,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
        });
    }

    private static void DescribeDecision(OpenApiOperation operation)
    {
        Dictionary<string, IOpenApiSchema> members = new()
        {
            ["note"] = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 2_000 },
        };
        if (operation.OperationId == "ApproveQueueItem")
        {
            members["approval"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "The DSSE envelope of the approval." };
        }

        operation.RequestBody = Body("application/json", members);
    }

    private static OpenApiRequestBody Body(string type, IDictionary<string, IOpenApiSchema> members, params string[] required) => new()
    {
        Required = required.Length > 0,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [type] = new()
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object, Properties = members, Required = new HashSet<string>(required, StringComparer.Ordinal),
                },
            },
        },
    };
}
