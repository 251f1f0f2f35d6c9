using System.Text;
using Estream.Circuits;
using Estream.Circuits.Tests;
using Estream.Crypto;
using Estream.Esf;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Widgets;
using Estream.Queue;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The members of a decision.</summary>
internal sealed record Decided(string WidgetId, string Version, bool Approved, string? Level, string[] Reasons, string[] Details,
    string[] Approvers, int Signatures, string? Latest);

/// <summary>The circuit over its own queues, with a registry of keys and a store.</summary>
public abstract class WidgetCase : CircuitCase
{
    private protected const string Requests = "widget-publish-requests";
    private protected const string Publishers = "widget-publishers";
    private protected const string Decisions = "widget-publish-decisions";

    private protected WidgetCase()
    {
        Circuit = WidgetPublishCircuit.Load(Path.Combine(WidgetStore.Folder, "widget-publish.circuit.yaml"),
            new WidgetPublishOptions { Content = Store.Find });
        Register(
            Identity(WidgetKeys.Acme, PublisherRole.Publisher, "@acme"),
            Identity(WidgetKeys.Organization, PublisherRole.Organization, "@estream"),
            Identity(WidgetKeys.Approvers[0], PublisherRole.Approver),
            Identity(WidgetKeys.Approvers[1], PublisherRole.Approver));
    }

    private protected Circuit Circuit { get; }

    private protected WidgetStore Store { get; } = new();

    private protected WidgetSubmission Good => Store.Put(new WidgetSubmission());

    private protected static byte[] Identity(MlDsa87PrivateKey key, PublisherRole role, string scope = "", bool revoked = false,
        byte[]? id = null)
    {
        byte[] message = new byte[4_000];
        PublisherIdentity.Writer identity = PublisherIdentity.Write(message);
        identity.SetPublisherId(id ?? WidgetKeys.IdOf(key));
        identity.Role = role;
        identity.SetScope(scope);
        identity.SetPublicKey(key.PublicKey.PublicKey.Span);
        identity.Revoked = revoked;
        return message[..identity.Length];
    }

    private protected void Register(params byte[][] identities) => AppendRaw(Publishers, identities);

    private protected void AppendRaw(string queue, params byte[][] messages)
    {
        using QueueAppender appender = Resources.Queue(queue).CreateAppender();
        Array.ForEach(messages, message => appender.Append(message));
    }

    /// <summary>Stores the content of requests, runs the requests through the circuit, and returns the decisions.</summary>
    private protected List<Decided> Decide(params WidgetSubmission[] submissions)
    {
        int before = AllDecisions().Count;
        AppendRaw(Requests, [.. submissions.Select(submission => Store.Put(submission).Message())]);
        Run(Circuit);
        return AllDecisions()[before..];
    }

    private protected Decided DecideOne(WidgetSubmission submission) => Assert.Single(Decide(submission));

    private protected void AssertRejected(WidgetSubmission submission, params string[] reasons)
    {
        Decided decided = DecideOne(submission);
        Assert.Equal(reasons, decided.Reasons);
        Assert.Equal((false, null), (decided.Approved, decided.Level));
        Assert.NotEmpty(decided.Details);
    }

    private protected List<Decided> AllDecisions()
    {
        using QueueTailer tailer = Resources.Queue(Decisions).CreateTailer();
        List<Decided> decided = [];
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(WidgetPublishDecision.Validate(message.Payload).IsOk);
            WidgetPublishDecision.View view = WidgetPublishDecision.View.Of(message.Payload);
            List<string> reasons = [], details = [], approvers = [];
            foreach (ReadOnlySpan<byte> reason in view.RejectionReasons)
            {
                reasons.Add(Encoding.UTF8.GetString(reason));
            }

            foreach (ReadOnlySpan<byte> detail in view.Details)
            {
                details.Add(Encoding.UTF8.GetString(detail));
            }

            foreach (ReadOnlySpan<byte> approver in view.ApproverIds)
            {
                approvers.Add(Convert.ToHexString(approver));
            }

            decided.Add(new Decided(
                Encoding.UTF8.GetString(view.WidgetId), Encoding.UTF8.GetString(view.Version), view.Approved,
                view.HasTrustLevel ? Encoding.UTF8.GetString(view.TrustLevel) : null,
                [.. reasons], [.. details], [.. approvers], view.ApproverSignatures.Count,
                view.HasLatestPublishedVersion ? Encoding.UTF8.GetString(view.LatestPublishedVersion) : null));
        }

        return decided;
    }

    private protected List<string> DeadLetters() => Texts("widget-publish-rejected", DeadLetterSchema.Schema);
}

/// <summary>The schema of dead letters.</summary>
internal static class DeadLetterSchema
{
    public static EsfSchema Schema { get; } = EsfSchemaSet.BuiltIn.TryGet("estream.system.DeadLetter", out EsfSchema? letter)
        ? letter
        : throw new InvalidOperationException("There are no dead letters.");
}
