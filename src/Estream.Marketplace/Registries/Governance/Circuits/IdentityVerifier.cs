using System.Globalization;
using Estream.Circuits;
using Estream.Esf;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>The node that checks that a release is signed by a key that may publish it. Rejects messages that are not valid requests of
/// this version, so that later nodes read only validated messages.</summary>
internal sealed class IdentityVerifier(PublisherRegistry registry)
{
    private const string NoRequest = "the message is not a WidgetPublishRequest of this version";

    private static readonly string s_tooLong =
        string.Create(CultureInfo.InvariantCulture, $"the request has more than {WidgetPublishLimits.MaxRequestBytes} bytes");

    private static readonly EsfWidening s_widening = new(WidgetPublishRequest.Schema, WidgetIdentified.Schema);

    public void Run(ref NodeCall call)
    {
        if (call.Message.Length > WidgetPublishLimits.MaxRequestBytes)
        {
            call.Reject(s_tooLong);
            return;
        }

        if (!EsfMessageHeader.TryReadSchemaId(call.Message, out ulong id) || id != WidgetPublishRequest.SchemaId
            || !WidgetPublishRequest.Validate(call.Message).IsOk)
        {
            call.Reject(NoRequest);
            return;
        }

        WidgetPublishRequest.View request = WidgetPublishRequest.View.Of(call.Message);
        WidgetRelease release = WidgetRelease.Of(in request);
        byte[] digest = release.Digest();
        registry.Advance();
        RegisteredKey? key = registry.Find(request.PublisherId);
        string? fault = FaultOf(key, release.WidgetId, digest, request.PublisherSignature);
        var made = MessageWidening.Begin<WidgetIdentified.Additions>(s_widening, ref call);
        made.SetReleaseDigest(digest);
        made.IsOrganization = fault is null && key!.Role == PublisherRole.Organization;
        made.InvalidPublisherIdentity = fault is not null;
        if (fault is not null)
        {
            made.SetIdentityDetails(fault);
        }

        call.Make(made.Length);
    }

    private static string? FaultOf(RegisteredKey? key, string widgetId, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
        key switch
    {
        null => "the publisher's key is not registered, or was revoked",
        { Role: not (PublisherRole.Publisher or PublisherRole.Organization) } => "the publisher's key is not registered for publishing",
        _ when !WidgetIdRule.IsIn(widgetId, key.Scope) => "the id of the widget is not in the publisher's scope",
        _ when !key.HasSigned(digest, WidgetRelease.PublishContext, signature) =>
            "the signature is not by the publisher over this release",
        _ => null,
    };
}
