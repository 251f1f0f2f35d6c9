using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Estream.Host.Http;

/// <summary>Reads the JSON body of a request.</summary>
internal static class JsonRequest
{
    private const int MaxDepth = 64;

    /// <summary>Lets an endpoint take a body of at most <paramref name="maxBytes"/> bytes. Other endpoints take none
    /// (<see cref="RequestLimits"/>). The server applies the limit before a request is refused, so it can skip the body and keep the
    /// connection.</summary>
    public static TBuilder TakesBody<TBuilder>(this TBuilder endpoint, long maxBytes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new BodyLimit(maxBytes));

    /// <summary>Reads a body whose root is an object. Refuses the request and returns null if the request has no such body.</summary>
    /// <remarks>A page of another site cannot send this content type without a CORS preflight, which is never granted.</remarks>
    public static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
        {
            await Answer.ErrorAsync(context, StatusCodes.Status415UnsupportedMediaType,
                "The body must be JSON: send Content-Type: application/json.").ConfigureAwait(false);
            return null;
        }

        try
        {
            JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body,
                new JsonDocumentOptions { MaxDepth = MaxDepth }, context.RequestAborted).ConfigureAwait(false);
            if (body.RootElement.ValueKind == JsonValueKind.Object)
            {
                return body;
            }

            body.Dispose();
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, "The body must be a JSON object.").ConfigureAwait(false);
        }
        catch (JsonException invalid)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"The body is not valid JSON: {invalid.Message}")
                .ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Returns a member with text; null if it is missing.</summary>
    /// <exception cref="ArgumentException">The member is not text.</exception>
    public static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out JsonElement member))
        {
            return null;
        }

        try
        {
            return member.ValueKind == JsonValueKind.String ? member.GetString() : throw new ArgumentException($"{name} must be a string.");
        }
        catch (InvalidOperationException)
        {
            throw new ArgumentException($"{name} has half of a surrogate pair, which is not a character.");
        }
    }

    /// <summary>Returns a member with a whole number; null if it is missing.</summary>
    /// <exception cref="ArgumentException">The member is not a whole number within the limits.</exception>
    public static long? Number(JsonElement body, string name, long minimum, long maximum) =>
        !body.TryGetProperty(name, out JsonElement member) ? null
        : member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out long value) && value >= minimum && value <= maximum ? value
        : throw new ArgumentException($"{name} must be a whole number from {minimum} to {maximum}.");

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
