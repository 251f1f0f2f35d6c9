using System.Xml;
using System.Xml.Serialization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>`iso20022-parse` with XmlSerializer, into classes for the message's elements. It checks only that the document is XML
/// and that numbers are numbers.</summary>
internal sealed class XmlSerializerContender(ContenderContext context, int transactions)
    : PaymentWorkload(Messages(context, transactions), transactions)
{
    private readonly XmlSerializer _serializer = new(typeof(PaymentDocument));

    protected override ulong Parse()
    {
        XmlReaderSettings settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        using MemoryStream stream = new(Document);
        using XmlReader reader = XmlReader.Create(stream, settings);
        PaymentDocument document = (PaymentDocument)_serializer.Deserialize(reader)!;
        ulong sum = 0;
        foreach (PaymentTransaction transaction in document.Transfer!.Transactions)
        {
            sum += (ulong)(transaction.Amount!.Value * 100m) + (ulong)transaction.Ids!.EndToEndId!.Length;
        }

        return sum;
    }
}
