using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Log;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Estream.Marketplace.Server.Submission;

/// <summary>The parts of a submission, which nothing has verified. Immutable.</summary>
/// <param name="Package">The bytes of the package.</param>
/// <param name="Entry">The envelope of the log entry.</param>
/// <param name="PackageSha256">The digest of the package that the sender states, as 64 lower-case hexadecimal digits; null if it states
/// none.</param>
internal sealed record SubmittedFiles(byte[] Package, byte[] Entry, string? PackageSha256)
{
    /// <summary>The maximum size of a request: the parts, and the text between them.</summary>
    public const int MaxRequestBytes = RegistryLimits.MaxPackageBytes + EntryBundle.MaxEntryBytes + (64 << 10);

    private const int MaxParts = 3;
    private const int DigestDigits = 64;
    private const int MaxBoundary = 70;
    private const int MaxHeaders = 8;
    private const int MaxHeaderBytes = 4 << 10;

    /// <summary>Returns the boundary of a multipart form; null if the header names another type.</summary>
    public static string? BoundaryOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString() : null;

    /// <summary>Reads a multipart form. Any bytes give parts or a fault.</summary>
    /// <param name="body">The body, which the caller bounds.</param>
    /// <param name="boundary">The boundary.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static async Task<(SubmittedFiles? Files, SubmissionFault? Fault)> ReadAsync(Stream body, string boundary,
        CancellationToken cancellation)
    {
        MultipartReader reader = new(boundary, body)
        {
            HeadersCountLimit = MaxHeaders, HeadersLengthLimit = MaxHeaderBytes, BodyLengthLimit = RegistryLimits.MaxPackageBytes,
        };
        Dictionary<string, byte[]> parts = new(StringComparer.Ordinal);
        try
        {
            while (await reader.ReadNextSectionAsync(cancellation).ConfigureAwait(false) is { } section)
            {
                if (!TryName(section, out string? name))
                {
                    return (null, Malformed("a part has no name"));
                }

                int most = MostBytes(name);
                if (most == 0 || parts.Count == MaxParts || parts.ContainsKey(name))
                {
                    return (null, Malformed("the parts are package, entry and package_sha256, each once"));
                }

                if (await BoundedContent.ReadAsync(section.Body, most, cancellation).ConfigureAwait(false) is not { } bytes)
                {
                    return (null, new SubmissionFault(413, "too_large", $"The part '{name}' has more than {most} bytes."));
                }

                parts.Add(name, bytes);
            }
        }
        catch (Exception failure) when (failure is InvalidDataException or ArgumentException)
        {
            return (null, Malformed(failure.Message));
        }
        catch (IOException failure) when (failure is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            return (null, Malformed(failure.Message));
        }

        return Complete(parts);
    }

    private static (SubmittedFiles? Files, SubmissionFault? Fault) Complete(Dictionary<string, byte[]> parts)
    {
        if (!parts.TryGetValue("package", out byte[]? package) || !parts.TryGetValue("entry", out byte[]? entry))
        {
            return (null, Malformed("the part package or entry is missing"));
        }

        string? digest = parts.TryGetValue("package_sha256", out byte[]? text) ? Encoding.Latin1.GetString(text) : null;
        return digest is not null && (digest.Length != DigestDigits || !digest.All(char.IsAsciiHexDigitLower))
            ? (null, Malformed("package_sha256 has 64 lower-case hexadecimal digits"))
            : (new SubmittedFiles(package, entry, digest), null);
    }

    private static int MostBytes(string name) => name switch
    {
        "package" => RegistryLimits.MaxPackageBytes,
        "entry" => EntryBundle.MaxEntryBytes,
        "package_sha256" => DigestDigits,
        _ => 0,
    };

    private static SubmissionFault Malformed(string why) => new(400, "malformed_request", $"The form is not valid: {why}.");

    private static bool TryName(MultipartSection section, [NotNullWhen(true)] out string? name)
    {
        name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? header)
            && header.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
            ? HeaderUtilities.RemoveQuotes(header.Name).ToString() : null;
        return !string.IsNullOrEmpty(name);
    }
}

/// <summary>Why a submission is refused. Immutable.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Code">The stable code.</param>
/// <param name="Detail">The reason for people.</param>
/// <param name="Reasons">The reasons of the governance circuit.</param>
internal sealed record SubmissionFault(int Status, string Code, string Detail, IReadOnlyList<string>? Reasons = null);
