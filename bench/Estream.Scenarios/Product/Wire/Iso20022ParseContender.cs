using Estream.Esf;
using Estream.Payments;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Wire;
using Estream.Wire.Iso20022;

namespace Estream.Scenarios.Product;

/// <summary>`iso20022-parse` by the product: the whole message is checked against its schema and becomes an ESF message, whose fields
/// are read by the generated view.</summary>
internal sealed class Iso20022ParseContender(ContenderContext context, int transactions)
    : PaymentWorkload(Messages(context, transactions), transactions)
{
    // Copied next to the program, because src does not include the packs.
    private const string SchemaFile = "iso20022.esf.yaml";

    private const int BytesOfTransaction = 4_096;

    private readonly Iso20022Translator _translator = new(EsfSchemaSet.Load(Path.Combine(AppContext.BaseDirectory, SchemaFile)));
    private readonly byte[] _message = new byte[(1 + transactions) * BytesOfTransaction];

    protected override ulong Parse()
    {
        TranslateStatus status = _translator.ToEsf(Document, _message, out _, out int length);
        if (!status.IsOk)
        {
            throw new ScenarioException(status.Describe(default));
        }

        ulong sum = 0;
        foreach (Pacs008CreditTransfer.TransactionsItemView transaction in Pacs008CreditTransfer.View.Of(
            _message.AsSpan(0, length)).Transactions)
        {
            sum += (ulong)transaction.SettlementAmount.Value + (ulong)transaction.EndToEndId.Length;
        }

        return sum;
    }
}
