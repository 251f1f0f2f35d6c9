using Estream.Circuits;
using Estream.Marketplace.Governance;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>Flips random bits of the signed data, the signature, the bundle or the manifest. The request is rejected because its signature
/// is invalid or its content does not match, or it is not a valid request.</summary>
public sealed class WidgetTamperTests : WidgetCase
{
    [Fact]
    public void Request_with_any_flipped_bit_is_not_approved()
    {
        byte[] good = Store.Put(Good with { Level = WidgetTrust.Verified }).ApprovedBy(WidgetKeys.Approvers[0]).Message();
        int signedBits = (good.Length - 4_700) * 8;
        Random random = new(14);
        List<byte[]> requests = [];
        for (int i = 0; i < LongRun.Count(250, 20_000); i++)
        {
            byte[] request = [.. good];
            int bit = random.Next(signedBits);
            request[bit / 8] ^= (byte)(1 << (bit % 8));
            requests.Add(request);
        }

        AppendRaw(Requests, [.. requests]);
        Run(Circuit);
        List<Decided> decided = AllDecisions();
        Assert.All(decided, one => Assert.False(one.Approved));

        // Changed data never has a valid signature, whatever other reasons apply.
        Assert.All(decided, one => Assert.Contains(WidgetRejection.InvalidPublisherIdentity, one.Reasons));
        Assert.InRange(decided.Count, requests.Count / 2, requests.Count);
    }

    [Fact]
    public void Content_with_any_flipped_bit_is_not_approved()
    {
        WidgetSubmission good = Good;
        byte[] request = good.Message();
        Random random = new(15);
        for (int i = 0; i < LongRun.Count(40, 2_000); i++)
        {
            bool isBundle = random.Next(2) == 0;
            byte[] content = [.. isBundle ? good.Bundle : good.Manifest];
            int bit = random.Next(content.Length * 8);
            content[bit / 8] ^= (byte)(1 << (bit % 8));
            Store.Put(good);
            Store.PutAs(isBundle ? good.Release.BundleHash.Span : good.Release.ManifestHash.Span, content);
            AppendRaw(Requests, request);
            Run(Circuit);
            Assert.Equal([isBundle ? WidgetRejection.BundleIntegrityFailed : WidgetRejection.IncompleteManifest],
                AllDecisions()[^1].Reasons);
        }
    }
}
